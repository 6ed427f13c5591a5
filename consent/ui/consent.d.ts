// What our script offers to the site's own. Not served: copy it, or name it in a reference.

/** Ids of categories and services; frozen. */
interface ConsentStanding {
  readonly granted: readonly string[];
  readonly denied: readonly string[];
  readonly undecided: readonly string[];
}

/** A new standing, and what differs from the one before. */
interface ConsentChange extends ConsentStanding {
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

interface ConsentApi {
  /** The visitor's standing. */
  readonly get: () => ConsentStanding;
  /** Whether the category or service is granted. */
  readonly allows: (name: string) => boolean;
  /** Opens the second layer. */
  readonly open: () => Promise<void> | void;
  /** Grants these and refuses all others; rejects if the decision did not take effect. */
  readonly save: (names: string | readonly string[]) => Promise<ConsentStanding>;
  /** Takes these back, or without a name everything; rejects if the decision did not take effect. */
  readonly withdraw: (...names: string[]) => Promise<ConsentStanding>;
  /** Resolves once the category or service is granted. */
  readonly whenAllowed: (name: string) => Promise<ConsentStanding>;
}

interface Window {
  /** There from the event "consent:ready" on. */
  readonly consent?: ConsentApi;
}

interface DocumentEventMap {
  "consent:ready": CustomEvent<ConsentStanding>;
  "consent:change": CustomEvent<ConsentChange>;
}
