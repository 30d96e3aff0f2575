// The code of docs/outages.md: each region is a snippet there; run by outages.test.ts.
import { type Application, Channel, Sink } from '@millrace/core';
import { IsString } from 'class-validator';
import { injectable } from 'inversify';

// #region sink
@Channel('loaves')
export class Loaf {
  @IsString() id!: string;
}

@injectable()
export class Baker {
  readonly baked: string[] = [];
  oven = (_loaf: Loaf): Promise<void> => Promise.resolve();

  @Sink(Loaf, {
    retry: { maxAttempts: 5 },
    brake: { failures: 5, wait: '1s' },
    circuitBreaker: { failures: 10, openFor: '30s' },
    rateLimit: { messages: 100, per: '1m' },
  })
  async bake(loaf: Loaf): Promise<void> {
    await this.oven(loaf);
    this.baked.push(loaf.id);
  }
}
// #endregion

// #region watch
export function watch(app: Application, alert: (line: string) => void): void {
  app.events.on('brake', ({ binding, state, failures, waitMs, error }) => {
    if (state === 'open') alert(`${binding}: ${failures} failures in a row, paused for ${waitMs} ms: ${error}`);
    if (state === 'off') alert(`${binding}: works again`);
  });
}
// #endregion

// #region steer
export async function tryNow(app: Application): Promise<void> {
  for (const binding of app.bindings()) if (binding.brake === 'open') await binding.resume();
}
// #endregion
