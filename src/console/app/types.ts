/** What the API answers, as far as the page reads it. */

export type Allowance = 'read' | 'ping' | 'replay' | 'settings';

export interface ServerInfo {
  readonly auth: 'trusted' | 'untrusted';
  readonly auth_user_name?: string;
  readonly allow: readonly Allowance[];
  /** The member that answers, where it has a name. */
  readonly location?: string;
}

export type TargetState = 'idle' | 'sending' | 'retrying' | 'down' | 'disabled' | 'draining';

interface LastError {
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

export interface History {
  readonly at: number[];
  readonly accepted: number[];
  readonly delivered: number[];
  readonly lost: number[];
  readonly pending: number[];
}

export interface TargetStatus {
  readonly name: string;
  /** The member that it is of, where it has a name. */
  readonly location?: string;
  readonly type: string;
  readonly address: string;
  readonly state: TargetState;
  readonly accepted: number;
  readonly recovered: number;
  readonly delivered: number;
  readonly pending: { readonly events: number; readonly bytes: number };
  readonly dropped: Readonly<Record<string, number>>;
  readonly dead: number;
  readonly attempts: number;
  readonly last_delivery_at?: string;
  readonly oldest_pending_at?: string;
  readonly next_attempt_at?: string;
  readonly last_error?: LastError;
  readonly via?: string;
  readonly history?: History;
}

export interface Attempt {
  readonly at: string;
  readonly ms: number;
  readonly status?: number;
  readonly code?: string;
  readonly events: number;
  readonly bytes: number;
  readonly webhook_id: string;
}

export type Settings = Readonly<Record<string, unknown>>;

export interface TargetDetails extends Omit<TargetStatus, 'attempts'> {
  readonly attempts_total: number;
  readonly attempts: readonly Attempt[];
  readonly settings: Settings | null;
}

export interface PingResult {
  readonly ok: boolean;
  readonly status?: number;
  readonly ms: number;
  readonly via?: string;
  readonly timings?: Readonly<Record<string, number>>;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface DeadLetter {
  readonly id: string;
  readonly at: string;
  readonly accepted_at: string;
  readonly type: string;
  readonly status?: number;
  readonly response: string;
  readonly event: unknown;
}

/** An event of the stream, as LXD writes it. */
export interface StreamEvent {
  readonly type: 'logging' | 'lifecycle' | 'operation';
  readonly timestamp: string;
  readonly location?: string;
  readonly project?: string;
  readonly metadata: {
    readonly message?: string;
    readonly level?: string;
    readonly context?: Readonly<Record<string, unknown>>;
    readonly action?: string;
    readonly source?: string;
    readonly description?: string;
    readonly status?: string;
    readonly requestor?: { readonly username: string; readonly protocol: string; readonly address: string };
  };
}
