import type { Logger } from '@millrace/core/spi';

const nothing = (): void => undefined;

/** For binders that are made without an application. */
export const silent: Logger = Object.freeze({ debug: nothing, info: nothing, warn: nothing, error: nothing });
