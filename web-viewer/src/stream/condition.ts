import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { failureText } from '../playback/failure-text.js';
import type { Player } from '../playback/player.js';
import { TEXTS, type Texts } from '../texts/texts.js';

/** What the pill in the page's head shows. */
export type ConditionKind = keyof Texts['conditions'];

/** What lies over the picture while it is not simply live. */
export interface OverlayContent {
  readonly title: string;
  readonly message: string;
  readonly remedy?: string;
  /** When it is tried again, by `performance.now()`. */
  readonly retryAt?: number;
  /** Since when it has been so, in milliseconds since 1970. */
  readonly since?: number;
  /** Whether something is going on that can be waited for. */
  readonly isBusy: boolean;
  /** Whether it stands below the picture, which then says itself what is the matter, and not over it. */
  readonly isAside?: boolean;
  /** Label of the button that helps, where one does. */
  readonly action?: string;
}

/** A stream's condition as the page shows it. */
export interface Condition {
  readonly kind: ConditionKind;
  readonly overlay: OverlayContent | null;
}

/** What the condition follows from. */
export interface ConditionSources {
  /** Whether the server has gone, or has never answered. */
  readonly isLost: boolean;
  readonly isLocked: boolean;
  readonly status: PublishedStatus | null;
  /** When the present state was first heard of, by `performance.now()`. */
  readonly stateSince: number;
  readonly player: Player | null;
}

/** What to show, the gravest first. */
export function conditionOf({ isLost, isLocked, status, stateSince, player }: ConditionSources): Condition {
  const { overlay } = TEXTS;
  if (isLocked) return { kind: 'locked', overlay: null };
  if (isLost) return { kind: 'lost', overlay: { ...overlay.lost, isBusy: true } };
  if (!status || !player) return { kind: 'connecting', overlay: { ...overlay.connecting, isBusy: true } };
  const { state } = status;
  switch (state.kind) {
    case 'starting':
      return { kind: 'starting', overlay: { ...overlay.starting, isBusy: true } };
    case 'reconnecting': {
      const { message, remedy } = state.error;
      return {
        kind: 'reconnecting',
        overlay: {
          ...overlay.reconnecting,
          message: TEXTS.sentence(message),
          remedy: TEXTS.sentence(remedy),
          retryAt: stateSince + state.retryInMs,
          since: state.since,
          isBusy: true,
          isAside: player.transport !== null,
        },
      };
    }
    case 'failed': {
      const { message, remedy } = state.error;
      const content = { message: TEXTS.sentence(message), remedy: TEXTS.sentence(remedy), isBusy: false };
      return { kind: 'failed', overlay: { ...overlay.failed, ...content } };
    }
    case 'ended':
      return { kind: 'ended', overlay: { ...overlay.ended, isBusy: false } };
    case 'live':
      return liveCondition(player);
  }
}

function liveCondition(player: Player): Condition {
  const { overlay } = TEXTS;
  if (player.isBlocked) return { kind: 'live', overlay: { ...overlay.blocked, isBusy: false } };
  if (player.transport === null) {
    const { title, message } = overlay.firstPicture;
    const { reason } = player;
    const text = reason === null ? message : overlay.overHls(TEXTS.sentence(failureText(reason)).replace(/\.$/, ''));
    return { kind: 'connecting', overlay: { title, message: text, isBusy: true } };
  }
  return { kind: 'live', overlay: player.isStalled ? { ...overlay.stalled, isBusy: true } : null };
}
