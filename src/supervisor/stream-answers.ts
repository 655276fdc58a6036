import { AfterglowError, type ErrorReport } from '../errors/afterglow-error.js';
import type { NamedRecipe, SnapshotView, StreamCommand, StreamEvent } from '../stream/stream-messages.js';

/** How long a stream's process may take to give a picture, in milliseconds. */
const LONGEST_SNAPSHOT = 5000;
/** How long it may take to load another pipeline's network. */
const LONGEST_RECIPE = 20_000;
/** Pictures that may be asked for at a time. */
const MAX_SNAPSHOTS = 4;

/** A picture of a stream as it was. */
export interface Snapshot {
  readonly jpeg: Uint8Array;
  /** When it came in, in milliseconds since 1970. */
  readonly taken: number;
}

interface Question<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AfterglowError) => void;
}

/** Questions to a stream's process that it has not answered yet. */
export class StreamAnswers {
  readonly #stream: string;
  readonly #snapshots = new Map<number, Question<Snapshot>>();
  #recipe: (Question<null> & { readonly name: string }) | null = null;
  #lastNumber = 0;

  constructor(stream: string) {
    this.#stream = stream;
  }

  /** Asks for a picture. Throws AfterglowError `snapshot-failed`, which may be tried again. */
  async snapshot(view: SnapshotView, send: (command: StreamCommand) => boolean): Promise<Snapshot> {
    if (this.#snapshots.size >= MAX_SNAPSHOTS) {
      throw this.#snapshotError(`is asked for ${MAX_SNAPSHOTS} pictures at this moment`);
    }
    const request = ++this.#lastNumber;
    if (!send({ kind: 'snapshot', request, view })) throw this.#snapshotError('has no process at this moment');
    try {
      return await within<Snapshot>(LONGEST_SNAPSHOT, this.#snapshotError('has sent no picture in time'), (question) =>
        this.#snapshots.set(request, question),
      );
    } finally {
      this.#snapshots.delete(request);
    }
  }

  /** Asks for another pipeline; resolves when it is at work. Throws the AfterglowError that says why it is not. */
  async recipe(recipe: NamedRecipe, send: (command: StreamCommand) => boolean): Promise<void> {
    if (!send({ kind: 'recipe', recipe })) return;
    const late = new AfterglowError(
      'pipeline-invalid',
      `stream ${this.#stream} has not changed to the pipeline ${recipe.name} within ${LONGEST_RECIPE / 1000} s`,
      { remedy: 'try again when the machine is less busy', retryable: true },
    );
    try {
      await within<null>(LONGEST_RECIPE, late, (question) => (this.#recipe = { ...question, name: recipe.name }));
    } finally {
      this.#recipe = null;
    }
  }

  /** Takes what the process says; true if it was an answer. */
  take(event: StreamEvent): boolean {
    switch (event.kind) {
      case 'snapshot':
        this.#snapshots.get(event.request)?.resolve({ jpeg: event.jpeg, taken: event.taken });
        return true;
      case 'snapshot-failed':
        this.#snapshots.get(event.request)?.reject(AfterglowError.fromReport(event.error));
        return true;
      case 'recipe':
        if (this.#recipe?.name !== event.name) return true;
        if (event.error) this.#recipe.reject(AfterglowError.fromReport(event.error));
        else this.#recipe.resolve(null);
        return true;
      default:
        return false;
    }
  }

  /** The process is gone: pictures cannot come any more; a pipeline that was asked for is the next one's from its start. */
  processGone(why: ErrorReport | null): void {
    const error = this.#snapshotError(why ? `has just ended (${why.message})` : 'has just ended');
    for (const question of this.#snapshots.values()) question.reject(error);
    this.#recipe?.reject(
      new AfterglowError(
        'stream-crashed',
        `stream ${this.#stream} ended while it changed to ${this.#recipe.name}; it goes on with the pipeline before`,
        { remedy: 'try again', retryable: true },
      ),
    );
  }

  #snapshotError(what: string): AfterglowError {
    return new AfterglowError('snapshot-failed', `stream ${this.#stream} ${what}`, {
      remedy: 'ask again in a moment',
      retryable: true,
    });
  }
}

/** Waits for an answer, for so many milliseconds. */
async function within<Answer>(
  milliseconds: number,
  late: AfterglowError,
  ask: (question: Question<Answer>) => void,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      timer = setTimeout(() => reject(late), milliseconds);
      ask({ resolve, reject });
    });
  } finally {
    clearTimeout(timer);
  }
}
