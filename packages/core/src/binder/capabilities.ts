/**
 * What a binder can do. Core reads these flags, and so does the conformance suite: what is not claimed is reported as
 * skipped, what is claimed is tested.
 */
export interface Capabilities {
  /** Consumers of one group share the records. Default `true`. */
  readonly groups: boolean;
  /** A named group sees records sent before it first appeared. Default `false`. */
  readonly history: boolean;
  /** Records and positions survive a restart of the broker. Default `false`. */
  readonly durable: boolean;
  /** Destinations have ordered partitions; records of one key share one. Default `false`. */
  readonly partitions: boolean;
  /** `requeue` with `delayMs` parks the record while others go on. Default `false`: core holds it, unsettled. */
  readonly delayedRequeue: boolean;
  /** `InboundRecord.deliveries` counts redeliveries. Default `false`. */
  readonly countsDeliveries: boolean;
  /** Consumer bindings offer `deadLetter`. Default `true`. */
  readonly deadLetters: boolean;
  /** A `null` payload is carried. Default `false`. */
  readonly tombstones: boolean;
  /** A consumer's destination may be a pattern, such as `orders.*`. Default `false`. */
  readonly patterns: boolean;
  /** Outputs, dead letters and the settlement of a record take effect together, or not at all. Default `false`. */
  readonly exactlyOnce: boolean;
}

const defaults: Capabilities = Object.freeze({
  groups: true,
  history: false,
  durable: false,
  partitions: false,
  delayedRequeue: false,
  countsDeliveries: false,
  deadLetters: true,
  tombstones: false,
  patterns: false,
  exactlyOnce: false,
});

/** Fills in the defaults: `capabilities({ history: true, partitions: true })`. */
export function capabilities(claimed: Partial<Capabilities>): Capabilities {
  return Object.freeze({ ...defaults, ...claimed });
}
