// The whole of packages/core/README.md, and how an application starts; run by hello.test.ts.
// #region greetings
import { Channel, Millrace, Sink, Source } from '@millrace/core';
import { IsString } from 'class-validator';
import { injectable } from 'inversify';

@Channel('greetings')
class Greeting {
  @IsString() text!: string;
}

@injectable()
class Greeter {
  constructor(@Source(Greeting) private readonly greetings: Source<Greeting>) {}

  async greet(name: string): Promise<void> {
    await this.greetings.send(Object.assign(new Greeting(), { text: `Hello ${name}` }));
  }
}

@injectable()
class Listener {
  @Sink(Greeting, { group: 'listeners' })
  heard(greeting: Greeting): void {
    console.log(greeting.text);
  }
}

async function main(): Promise<void> {
  // #region run
  const app = await Millrace.run({ components: [Greeter, Listener] });
  // #endregion
  await app.get(Greeter).greet('world');
}

void main();
// #endregion
