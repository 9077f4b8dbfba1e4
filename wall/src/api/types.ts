// The contract with the server: every moment is an integer of milliseconds UTC, in site time.

export type Words = { readonly en: string; readonly zh: string };
export type Key = string | number;
export type Priority = 1 | 2 | 3 | 4;
export type Category = "hazard" | "sanitation" | "maintenance";

export type PointState = {
  readonly code: number;
  readonly id: string;
  readonly name: Words;
  readonly abnormal: boolean;
};

export type Limit = {
  readonly rule: string;
  readonly type: "high" | "low";
  readonly limit: number;
  readonly deadband: number;
  readonly priority: Priority;
  readonly name: Words;
};

export type Point = {
  readonly id: string;
  readonly name: Words;
  readonly unit: string;
  readonly label: string; // the unit as a person reads it
  readonly decimals: number;
  readonly normal: readonly [number, number] | null;
  readonly states: readonly PointState[];
  readonly heartbeat_s: number;
  readonly on_tile?: boolean; // one of those that the tile shows
  readonly on_event?: boolean; // comes when something happens, so silence says nothing
  readonly limits: readonly Limit[];
};

/** What an asset is by declaration, such as a bin's class of waste. */
export type Attribute = {
  readonly id: string;
  readonly name: Words;
  readonly value: string;
  readonly value_name: Words;
};

export type Asset = {
  readonly id: string;
  readonly kind: string;
  readonly kind_name: Words;
  readonly name: Words;
  readonly grid: string;
  readonly location: Words;
  readonly variant: string | null;
  readonly edge: readonly string[];
  readonly registration: string;
  readonly attributes: readonly Attribute[];
  readonly points: readonly Point[];
};

/** What people may do to an alarm. */
export type Policy = {
  readonly shelf_s: Readonly<Record<string, number>>; // longest time at once, by priority
  readonly most_renewals: number;
};

export type Grid = { readonly id: string; readonly name: Words };

export type Site = {
  readonly id: string;
  readonly name: Words;
  readonly timezone: string;
  readonly simulated: boolean;
  readonly clock: { readonly now_ms: number; readonly speed: number };
  readonly version: string;
  readonly policy?: Policy;
  readonly grids: readonly Grid[];
  readonly sectors?: readonly Sector[];
  readonly services?: readonly Service[];
  readonly edges: readonly { readonly id: string; readonly name: Words; readonly grid: string }[];
  readonly assets: readonly Asset[];
};

/** Of public safety: the level above the categories. */
export type Sector = { readonly id: string; readonly name: Words; readonly code: string };

/** What people report, since no sensor finds it. */
export type Service = { readonly code: string; readonly name: Words; readonly category: Category; readonly hazard: string; readonly sector: string; readonly priority: number };

export type AlarmState = "unacked" | "acked" | "rtn_unacked" | "latched_unacked" | "latched_acked" | "normal" | HiddenState;

/** Nobody is annunciated to: hidden for a time by a person, by design, or out of service. */
export type HiddenState = "shelved" | "suppressed" | "out_of_service";

export type Alarm = {
  readonly id: Key;
  readonly asset: string;
  readonly rule: string;
  readonly point: string | null;
  readonly hazard: string;
  readonly category: Category;
  readonly grade: string;
  readonly priority: Priority;
  readonly state: AlarmState;
  readonly value: number | null;
  readonly limit: number | null;
  readonly unit: string | null;
  readonly name: Words;
  readonly raised_ms: number | null;
  readonly cleared_ms: number | null;
  readonly acked_ms: number | null;
  readonly acked_by: string | null;
  readonly ticket: Key | null;
  readonly active?: boolean; // the condition holds, hidden or not
  readonly first_out?: boolean; // the first of its group to trip
  readonly protected?: boolean; // life safety: never shelved
  readonly hidden?: Hidden | null;
};

/** Why an alarm calls nobody. */
export type Hidden = {
  readonly how: "shelved" | "window" | "design" | "out_of_service" | string;
  readonly by: string | null;
  readonly why: string | null;
  readonly since_ms: number | null;
  readonly until_ms: number | null; // a shelf and a window end then; a permit is to be confirmed by then
  readonly permit: string | null;
  readonly second: string | null;
  readonly renewals: number;
};

export type Evidence = {
  readonly at_ms: number;
  readonly text: Words;
  readonly point: string | null;
  readonly value: number | null;
  readonly unit: string | null;
};

export type Ticket = {
  readonly id: Key;
  readonly number: string;
  readonly asset: string;
  readonly kind: string;
  readonly hazard: string;
  readonly category: Category;
  readonly grade: string;
  readonly priority: Priority;
  readonly state: string;
  readonly title: Words;
  readonly grid: string;
  readonly grid_name: Words | string | null;
  readonly location: Words | string;
  readonly opened_ms: number;
  readonly raised_ms: number;
  readonly acked_ms: number | null;
  readonly acked_by: string | null;
  readonly alarm_active: boolean;
  readonly late: boolean;
  readonly procedure: Words | null;
  readonly evidence: readonly Evidence[]; // in the stream only the last lines
  readonly evidence_count?: number;
  readonly closed_ms?: number | null;
  readonly work?: Work; // an old server tells nothing of it
  readonly sector?: string;
  readonly closer_ms?: number | null; // since when its equipment is watched more closely
};

export type DueStep = "acknowledge" | "arrive" | "rectify";

/** Where a ticket stands in its workflow, who does what, and by when. */
export type Work = {
  readonly source: string;
  readonly hazard_word: Words;
  readonly city_step: Words;
  readonly lead_unit: string;
  readonly lead_name: Words | null;
  readonly assist_units: readonly string[];
  readonly rectifier: string;
  readonly ack_due_ms: number | null;
  readonly arrive_due_ms: number | null;
  readonly due_ms: number | null;
  readonly due_assumed: boolean;
  readonly overdue: readonly string[];
  readonly begun_ms: number | null;
  readonly repaired_ms: number | null;
  readonly verification: "none" | "pending" | "verified" | "unverified";
  readonly good_since_ms: number | null;
  readonly verify_s: number | null;
  readonly plan: Plan | null;
  readonly upward: Upward | null;
  readonly accepted: readonly { readonly level: string | null; readonly person: string }[];
  readonly interim: string;
  readonly merged_into: number | null;
  readonly outside_matrix?: boolean; // the duty matrix does not speak of it
  readonly held?: boolean; // and nobody has let it in yet
  readonly admission?: Admission | null;
  readonly former?: readonly string[]; // who worked on it before
  readonly joint?: readonly JointView[];
  readonly pairs_wanted?: number; // of photos, before and after
  readonly reopened: number;
  readonly text: string;
  readonly address: string;
  readonly campaign_name?: Words | null; // an older server tells none
};

/** Somebody let in what is not in the duty matrix. */
export type Admission = { readonly unit: string; readonly approver: string; readonly by: string; readonly at_ms: number; readonly reason: string };

/** A unit that took part in a joint inspection, and what its people there were. */
export type JointView = { readonly unit: string; readonly name: Words | null; readonly roles: readonly string[]; readonly role_names: readonly Words[] };

/** The five elements of a major hazard's plan. */
export type Plan = {
  readonly responsibility: string;
  readonly measures: string;
  readonly funds: string;
  readonly time_limit_ms: number | null;
  readonly emergency_plan: string;
  readonly missing: readonly string[];
};

export type Upward = {
  readonly to_unit: string;
  readonly reported_ms: number;
  readonly receipt: string;
  readonly received_by: string;
  readonly received_ms: number | null;
};

/** value, measured_ms, quality (0 good, 1 uncertain, 2 bad), reason word. */
export type Latest = readonly [number | null, number, number | string, string];

/** Equipment of which nothing is known now: its cabinet, its bus or itself is lost. */
export type Unknown = {
  readonly reason: string; // edge_lost, bus_lost, device_lost
  readonly parent: string;
  readonly alarm: string;
  readonly since_ms: number;
};

export type Outage = {
  readonly id: string;
  readonly parent: string;
  readonly alarm: string;
  readonly began_ms: number;
  readonly raised_ms: number;
  readonly back_ms: number | null;
  readonly closed_ms: number | null;
  readonly children: number;
  readonly difference: {
    readonly new: readonly string[]; // alarms
    readonly cleared: readonly string[];
    readonly changed: readonly { readonly asset: string; readonly point: string; readonly before: number; readonly after: number }[];
    readonly silent: readonly string[]; // assets
  } | null;
};

/** The last drill that went the whole way by a channel. `is_over`: older than the site allows. */
export type ProvenPath = {
  readonly channel: string;
  readonly name: Words;
  readonly proven_ms: number | null;
  readonly edge: string | null;
  readonly person: string | null;
  readonly person_name: Words | null;
  readonly took_ms: number | null; // from the cabinet's reading to the receipt of the page
  readonly is_over: boolean;
};

export type Paths = { readonly at_most_s: number | null; readonly paths: readonly ProvenPath[] };

/** What somebody outside is told as long as the whole way lives. */
export type Heartbeat = {
  readonly id: string;
  readonly name: Words;
  readonly alive: boolean;
  readonly failing: readonly { readonly part: string; readonly said: Words }[];
  readonly sent_ms: number | null;
  readonly answer: string;
};

export type EdgeState = "online" | "lost" | "stopped" | "unknown";

export type Edge = {
  readonly id: string;
  readonly state: EdgeState;
  readonly last_frame_ms: number | null;
  readonly epoch: number | string | null;
  readonly seq: number | null;
  readonly spool_frames: number | null;
  readonly spool_bytes: number | null;
  readonly lag_ms: number | null;
  readonly catching_up?: boolean;
};

export type Rejected = Readonly<Record<string, number>>;

export type System = {
  readonly ingest: {
    readonly reachable: boolean;
    readonly readings: number | null;
    readonly rejected: Rejected | null;
    readonly lag_ms: number | null;
  } | null;
  readonly alerts: {
    readonly frames?: number; // none of them before the server has counted
    readonly readings?: number;
    readonly rejected?: Rejected;
    readonly duplicates?: number;
  };
};

export type Snapshot = {
  readonly seq: number;
  readonly now_ms: number;
  readonly boot: string;
  readonly alarms: readonly Alarm[];
  readonly tickets: readonly Ticket[];
  readonly latest: Readonly<Record<string, Latest>>;
  readonly edges: readonly Edge[];
  readonly unknown?: Readonly<Record<string, Unknown | null>>; // by asset; null: known again
  readonly system: System | null;
};

export type Delta = { readonly seq: number; readonly now_ms: number } & Partial<
  Pick<Snapshot, "alarms" | "tickets" | "latest" | "edges" | "unknown" | "system">
>;

export type Tick = { readonly seq: number; readonly now_ms: number };

export type Series = {
  readonly asset: string;
  readonly point: string;
  readonly unit: string;
  readonly t: readonly number[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly count: readonly number[];
  readonly bad: readonly number[];
};

export type Trend = { readonly series: readonly Series[]; readonly bucket_ms: number; readonly raw: boolean };

/** Who is signed in at this screen, and what they may do. */
export type Session = {
  readonly id: string;
  readonly name: { readonly en: string; readonly zh: string };
  readonly kind: "person" | "token" | "viewer" | "local";
  readonly may: readonly string[];
  readonly places: readonly string[];
  readonly unit: string | null;
  readonly must_change: boolean;
};
