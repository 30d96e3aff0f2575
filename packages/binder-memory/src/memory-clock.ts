import { MinHeap } from './min-heap';

/** A claim to be woken; cancelled ones have nothing to run. */
export interface Alarm {
  readonly due: number;
  run: (() => void) | undefined;
}

/** The longest a platform timer can wait; longer waits are armed again. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** One timer for all parked records of a broker, however many there are. It never keeps the process alive. */
export class MemoryClock {
  private readonly alarms = new MinHeap<Alarm>((alarm) => alarm.due);
  private cancelled = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerDue = Number.POSITIVE_INFINITY;

  /** Calls `run` after `delayMs` milliseconds, never before. */
  after(delayMs: number, run: () => void): Alarm {
    const alarm: Alarm = { due: performance.now() + delayMs, run };
    this.alarms.push(alarm);
    this.arm();
    return alarm;
  }

  cancel(alarm: Alarm): void {
    if (alarm.run === undefined) return;
    alarm.run = undefined;
    this.cancelled += 1;
    // Cancelled alarms of a far future would pile up: sweep when they are the most.
    if (this.cancelled * 2 > this.alarms.size) this.sweep();
  }

  close(): void {
    this.alarms.clear();
    this.disarm();
  }

  private sweep(): void {
    this.alarms.retain((alarm) => alarm.run !== undefined);
    this.cancelled = 0;
    if (this.alarms.size === 0) this.disarm();
  }

  private arm(): void {
    const next = this.alarms.peek();
    if (next === undefined || next.due >= this.timerDue) return;
    this.disarm();
    this.timerDue = next.due;
    const wait = Math.min(Math.max(Math.ceil(next.due - performance.now()), 1), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.ring(), wait).unref();
  }

  private disarm(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.timerDue = Number.POSITIVE_INFINITY;
  }

  private ring(): void {
    this.disarm();
    const now = performance.now();
    for (let alarm = this.alarms.peek(); alarm !== undefined && alarm.due <= now; alarm = this.alarms.peek()) {
      this.alarms.pop();
      const { run } = alarm;
      alarm.run = undefined;
      if (run === undefined) this.cancelled -= 1;
      else run();
    }
    this.arm();
  }
}
