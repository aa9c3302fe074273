/** A sealed event, as a collector is sent it. */
export interface SealedEvent {
  /** Its place in the sealed order. */
  readonly seq: number;
  readonly id: string;
  readonly at: Date;
  /** In hex. */
  readonly leaf: string;
  /** The very text that the leaf is of. */
  readonly body: string;
}

/** Where the audit log is streamed to, such as a SIEM. */
export interface Collector {
  /** For people, and by it is known how far it was sent: scheme, host and port. */
  readonly name: string;
  /**
   * Gives it events in their order. Throws, with a message that is safe to show, when it is not known to have taken all of them;
   * then it is given them again.
   */
  send(events: readonly SealedEvent[], signal: AbortSignal): Promise<void>;
}
