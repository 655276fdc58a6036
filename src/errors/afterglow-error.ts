/** What went wrong, in terms a program can act on. */
export type ErrorCode =
  | 'config-invalid'
  | 'pipeline-unknown'
  | 'pipeline-invalid'
  | 'model-missing'
  | 'model-broken'
  | 'input-invalid'
  | 'input-not-found'
  | 'input-unreachable'
  | 'input-unauthorised'
  | 'input-no-video'
  | 'input-unreadable'
  | 'input-unsupported'
  | 'input-lost'
  | 'input-changed'
  | 'output-invalid'
  | 'output-exists'
  | 'encoder-failed'
  | 'port-in-use'
  | 'unsafe-binding'
  | 'queue-unreachable'
  | 'queue-unauthorised'
  | 'queue-failed'
  | 'recording-failed'
  | 'stream-crashed'
  | 'stream-hung'
  | 'stream-memory'
  | 'stream-unknown'
  | 'stream-exists'
  | 'stream-limit'
  | 'credentials-missing'
  | 'snapshot-failed'
  | 'recording-unknown'
  | 'film-unknown'
  | 'film-limit'
  | 'request-invalid'
  | 'tls-invalid'
  | 'viewer-refused'
  | 'webrtc-unavailable'
  | 'publisher-refused'
  | 'internal';

/** An error in the form that crosses threads, processes and the API. */
export interface ErrorReport {
  readonly code: ErrorCode;
  /** One sentence: what failed and why, without credentials. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
  /** Whether trying again later, unchanged, can help. */
  readonly retryable: boolean;
}

/** The error of this project: a code, a sentence for people, a remedy, and whether a retry can help. */
export class AfterglowError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryable: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly remedy: string; readonly retryable?: boolean; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AfterglowError';
    this.code = code;
    this.remedy = options.remedy;
    this.retryable = options.retryable ?? false;
  }

  /** The error for sending to another thread, process or client. */
  toReport(): ErrorReport {
    return { code: this.code, message: this.message, remedy: this.remedy, retryable: this.retryable };
  }

  /** The error that a report describes. */
  static fromReport(report: ErrorReport): AfterglowError {
    return new AfterglowError(report.code, report.message, report);
  }

  /** Any thrown value as an AfterglowError; what is not one becomes `internal`, with the value as its cause. */
  static from(thrown: unknown): AfterglowError {
    if (thrown instanceof AfterglowError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new AfterglowError('internal', `an unexpected error: ${message}`, {
      remedy: 'please report it with the log at level debug, which holds the stack trace',
      retryable: true,
      cause: thrown,
    });
  }

  /** Message and remedy as the one line that people see. */
  get sentence(): string {
    return `${this.message}: ${this.remedy}`;
  }
}
