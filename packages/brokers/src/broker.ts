/** A broker that belongs to a test: nobody else is hurt when it is killed. It ends with the process that started it. */
export interface OwnBroker extends AsyncDisposable {
  /** Its files: configuration, log, data. Removed by `stop()`. */
  readonly folder: string;
  /** What it has logged so far. */
  log(): string;
  /** Ends it in an orderly way and removes its files. May be called again. */
  stop(): Promise<void>;
  /** SIGKILL. Its data stays for `restart()`. */
  kill(): Promise<void>;
  /** Starts it again on the same ports with the same data; ends it in an orderly way before when it is running. */
  restart(): Promise<void>;
  /** The process stays, its connections stay open, and it does nothing until `thaw()`. */
  freeze(): void;
  thaw(): void;
}
