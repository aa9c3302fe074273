const GAPS_KEPT = 20;

/** A stretch of failed requests: from the start of the first one until the end of the next success. */
export interface Gap {
  readonly from: string;
  readonly to: string | null;
  readonly failures: number;
}

/** What a consumer tells about itself. Times are RFC 3339 in UTC; no secret is in it. */
export interface ConsumerState {
  readonly name: string;
  /** The secret version of the last request that succeeded, as the file named it. */
  readonly versionId: string | null;
  readonly requests: number;
  readonly failures: number;
  /** The code of the last failure; it stays after a success. */
  readonly lastError: string | null;
  readonly startedAt: string;
  readonly lastRequestAt: string | null;
  readonly lastSuccessAt: string | null;
  /** The last 20, oldest first; the last one is open while `to` is null. */
  readonly gaps: readonly Gap[];
  readonly intervalMs: number;
}

export function firstState(name: string, intervalMs: number, startedAt: string): ConsumerState {
  return {
    name,
    versionId: null,
    requests: 0,
    failures: 0,
    lastError: null,
    startedAt,
    lastRequestAt: null,
    lastSuccessAt: null,
    gaps: [],
    intervalMs,
  };
}

/** Counts a success, and closes the open gap. */
export function countSuccess(
  state: ConsumerState,
  begun: string,
  ended: string,
  versionId: string | null,
): ConsumerState {
  return {
    ...state,
    versionId,
    requests: state.requests + 1,
    lastRequestAt: begun,
    lastSuccessAt: ended,
    gaps: state.gaps.map((gap) => (gap.to === null ? { ...gap, to: ended } : gap)),
  };
}

/** Counts a failure, in the open gap or in a new one. */
export function countFailure(state: ConsumerState, begun: string, code: string): ConsumerState {
  const open = state.gaps.at(-1);
  const gaps =
    open?.to === null
      ? [...state.gaps.slice(0, -1), { ...open, failures: open.failures + 1 }]
      : [...state.gaps, { from: begun, to: null, failures: 1 }];
  return {
    ...state,
    requests: state.requests + 1,
    failures: state.failures + 1,
    lastError: code,
    lastRequestAt: begun,
    gaps: gaps.slice(-GAPS_KEPT),
  };
}
