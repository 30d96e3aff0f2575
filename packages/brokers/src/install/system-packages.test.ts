import { installCommand } from './system-packages';

const packages = { debian: ['rabbitmq-server', 'maven'], homebrew: ['rabbitmq'] };

test.each([
  [{ isRoot: true, hasSudo: false }, /^\/bin\/sh -c .*apt-get install .* rabbitmq-server maven$/s],
  [{ isRoot: false, hasSudo: true }, /^sudo -n \/bin\/sh -c .*apt-get install .* rabbitmq-server maven$/s],
])('on Debian, %j installs', (user, command) => {
  expect(installCommand({ isDebian: true, ...user }, packages).join(' ')).toMatch(command);
});

test('whoever may not install is told the command', () => {
  const nobody = { isRoot: false, hasSudo: false };
  expect(() => installCommand({ isDebian: true, ...nobody }, packages)).toThrow(
    'missing; install it with: sudo apt-get install rabbitmq-server maven',
  );
  for (const user of [nobody, { isRoot: true, hasSudo: true }])
    expect(() => installCommand({ isDebian: false, ...user }, packages)).toThrow(
      'missing; install it with: brew install rabbitmq',
    );
});
