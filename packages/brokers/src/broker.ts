/** A broker that belongs to a test: nobody else is hurt when it is killed. It ends with the process that started it. */
export interface OwnBroker extends AsyncDisposable {
  /** Its files: configuration, log, data. Removed by `stop()`. */
  readonly folder: string;
  /** What it has logged so far. */
  log(): string;
  /** Ends it at once and removes its files. May be called again. */
  stop(): Promise<void>;
  /** Ends it as an operator would: it takes leave of its clients. Its data stays for `restart()`. */
  shutDown(): Promise<void>;
  /** SIGKILL. Its data stays for `restart()`. */
  kill(): Promise<void>;
  /** Starts it again on the same ports with the same data; shuts it down before when it is running. */
  restart(): Promise<void>;
  /** The process stays, its connections stay open, and it does nothing until `thaw()`. */
  freeze(): void;
  thaw(): void;
}
