import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { instanceToPlain, plainToInstance, Type } from 'class-transformer';
import { IsInt, IsString } from 'class-validator';
import { ClassPlans } from './class-plans';

const both = [
  ['compiled', new ClassPlans(true)],
  ['interpreted', new ClassPlans(false)],
] as const;

describe('names and values cannot get into the code', () => {
  const names = [
    ...[
      `"`,
      `'`,
      '`',
      '\\',
      '\\"',
      '\n',
      '\r',
      '\u2028',
      '\u2029',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is tried
      '${throw 1}',
      '*/',
      '//',
      '</script>',
      '\ud800',
      '',
    ],
    ...[`"];globalThis.hacked=1;["`, `": { globalThis.hacked = 1 } case "`, `\\u0022`, 'return', 'made', 'g0', 'depth'],
    ...['hasOwnProperty2', '0', '-1', '1e3', 'prototype', 'arguments', 'eval'],
  ];

  test.each(both)('whatever they are, %s', (_how, plans) => {
    class Payload {}
    for (const name of names) {
      IsString()(Payload.prototype, name);
      if (name.length % 2 === 1) Type(() => String)(Payload.prototype, name);
    }
    const work = plans.workOf(Payload);
    const plain = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
    const made = work.read(plain, 1);
    expect(made).toEqual(plainToInstance(Payload, plain));
    expect(work.write(made as object, 1)).toBe(JSON.stringify(instanceToPlain(made)));
    expect(work.isValid(made as object)).toBe(true);
    for (const name of names) {
      const wrong = Object.assign(new Payload(), plain, { [name]: 1 });
      expect([name, work.isValid(wrong)]).toEqual([name, false]);
    }
    expect(globalThis).not.toHaveProperty('hacked');
  });

  test.each(both)('nor the name of a class, %s', (_how, plans) => {
    class Payload {
      @IsInt() value = 1;
    }
    Object.defineProperty(Payload, 'name', { value: `"; globalThis.hacked = 1; "\u2028` });
    expect(plans.workOf(Payload).isValid(new Payload())).toBe(true);
    expect(globalThis).not.toHaveProperty('hacked');
  });

  test.each(both)('traps are not sure of, at any place, %s', (_how, plans) => {
    class Inner {
      @IsInt() a = 1;
    }
    class Payload {
      @Type(() => Inner) inner?: Inner;
      @Type(() => Inner) inners?: Inner[];
      @IsString() text?: string;
      free: unknown;
      method(): void {}
    }
    const work = plans.workOf(Payload);
    for (const trap of ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}']) {
      for (const json of [
        `{${trap}}`,
        `{"inner":{${trap}}}`,
        `{"inners":[{${trap}}]}`,
        `{"text":{${trap}}}`,
        `{"free":{${trap}}}`,
        `{"free":[[{${trap}}]]}`,
        `{"other":{"deep":{${trap}}}}`,
        `{"method":{${trap}}}`,
      ])
        expect([json, typeof work.read(JSON.parse(json), 1)]).toEqual([json, 'symbol']);
    }
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

test('where the process may not make code, plans are interpreted', () => {
  const program = join(__dirname, '../../../test/fixtures/no-code.cjs');
  const run = (...flags: string[]): unknown => {
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: 'utf8' });
    return stdout === '' ? stderr : JSON.parse(stdout);
  };
  const received = { drink: 'mocha', placedAt: '2026-01-02T03:04:05.678Z' };
  const coding = { payload: 'Order' };
  expect(run()).toMatchObject({ classes: [{ ...coding, by: 'compiled plan' }], received, refused: 1 });
  expect(run('--disallow-code-generation-from-strings')).toMatchObject({
    classes: [{ ...coding, by: 'interpreted plan' }],
    received,
    refused: 1,
  });
});
