// The office's part of the contract with the server: rosters, duties, papers, accounts.
import type { Words } from "./types";

export type Org = {
  readonly places: readonly { readonly id: string; readonly name: Words; readonly level: string; readonly parent: string | null }[];
  readonly unit_kinds: readonly { readonly id: string; readonly name: Words; readonly line: boolean }[];
  readonly roles: readonly { readonly id: string; readonly name: Words; readonly access: string }[];
  readonly units: readonly OrgUnit[];
  readonly people: readonly { readonly id: string; readonly name: Words; readonly unit: string; readonly roles: readonly string[] }[];
};

export type OrgUnit = { readonly id: string; readonly kind: string; readonly name: Words; readonly place: string; readonly parent: string | null };

export type DutyState = "pending" | "open" | "done" | "late" | "missed" | "waived";

/** What the calendar will ask for. */
export type ComingDuty = {
  readonly schedule: string;
  readonly kind: string;
  readonly name: Words;
  readonly subject: string;
  readonly subject_name: Words | null;
  readonly unit: string;
  readonly needs_photo: boolean;
  readonly scoring: Scoring | null;
  readonly text: Words | null;
  readonly state: DutyState;
  readonly due_from_ms: number;
  readonly due_to_ms: number;
};

/** What was asked for. */
export type Duty = ComingDuty & {
  readonly id: number;
  readonly label: string | null;
  readonly is_late: boolean;
  readonly needs_outcome: boolean; // a spot check: it is told as consistent or wrong
  readonly overdue_ms: number;
  readonly began_ms: number | null;
  readonly began_by: string | null;
  readonly done_ms: number | null;
  readonly done_by: string | null;
  readonly proof: string | null;
  readonly photo: string | null;
  readonly ticket: string | null;
  readonly score: number | null; // of `score_of`
  readonly score_of: number | null;
  readonly passed: boolean | null;
  readonly points: Readonly<Record<string, number>> | null;
};

/** What an inspection is asked for: points of each item from 0 to `scale`. */
export type Scoring = {
  readonly scale: number;
  readonly pass_mark: number;
  readonly items: readonly { readonly id: string; readonly name: Words; readonly weight: number }[];
};

export type Numbers = Readonly<Record<string, unknown>>;

export type Template = {
  readonly instance: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly headings: readonly { readonly id: string; readonly name: Words; readonly data: Numbers }[];
  readonly numbers: Numbers;
};

export type Report = {
  readonly id: number;
  readonly instance: number;
  readonly schedule: string;
  readonly name: Words | null;
  readonly unit: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly zero: boolean;
  readonly note: string;
  readonly state: "submitted" | "approved" | "returned";
  readonly prepared_by: string;
  readonly submitted_ms: number;
  readonly reviewed_by: string | null;
  readonly reviewed_ms: number | null;
  readonly review_note: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly numbers: Numbers;
  readonly sent: readonly Sent[];
};

export type Sent = {
  readonly to_unit: string;
  readonly sent_ms: number;
  readonly sent_by: string;
  readonly receipt: string;
  readonly received_by: string | null;
  readonly received_ms: number | null;
};

export type Mode = {
  readonly mode: string;
  readonly name: Words;
  readonly levels: readonly Words[];
  readonly persons: number;
  readonly schedules: readonly string[];
  readonly schedule_names: readonly Words[];
  readonly rosters: readonly string[];
  readonly checkpoints: readonly string[];
  readonly zones: readonly string[];
  readonly last: {
    readonly id: number;
    readonly level: number;
    readonly why: string;
    readonly asked_ms: number;
    readonly begun_ms: number | null;
    readonly end_why: string;
    readonly ended_ms: number | null;
    readonly agreed: readonly string[];
    readonly end_agreed: readonly string[];
    readonly state: "asked" | "on" | "over";
    readonly summary: Numbers | null;
  } | null;
};

export type Trigger = {
  readonly id: number;
  readonly trigger: string;
  readonly label: string;
  readonly at_ms: number;
  readonly by: string;
  readonly note: string;
};

export type Risk = "low" | "medium" | "high";

export type Zone = {
  readonly id: number;
  readonly place: string;
  readonly proposed: Risk;
  readonly reading: string;
  readonly because: string; // both languages, with " / " between
  readonly proposed_ms: number;
  readonly grade: Risk | null;
  readonly confirmed_by: string | null;
  readonly confirmed_ms: number | null;
  readonly note: string;
  readonly in_force?: boolean; // an old server tells neither
  readonly policy?: AreaPolicy | null; // what the grade (the proposed one, until one is confirmed) means for the area
};

export type AreaPolicy = {
  readonly grade: Risk;
  readonly name: Words;
  readonly sealed: boolean;
  readonly passages: "every" | "sample" | "none";
  readonly attended: readonly string[];
  readonly closed: readonly string[];
  readonly schedules: readonly string[];
  readonly schedule_names: readonly Words[];
};

export type Stretch = {
  readonly begin_ms: number;
  readonly end_ms: number;
  readonly person: string;
  readonly shift: Words | null;
  readonly night: boolean;
  readonly instead_of: string | null;
};

export type Roster = {
  readonly id: string;
  readonly name: Words;
  readonly around_the_clock: boolean;
  readonly on: boolean; // false: it is for an emergency, and none is on
  readonly now: readonly Stretch[];
  readonly next: readonly Stretch[];
  readonly stretches: readonly Stretch[];
  readonly gaps: readonly (readonly [number, number])[];
};

export type Score = {
  readonly unit: string;
  readonly name: Words;
  readonly rank: number;
  readonly found: number;
  readonly major: number;
  readonly closed: number;
  readonly open: number;
  readonly overdue: number;
  readonly reopened: number;
  readonly unverified: number;
  readonly repeated: number;
  readonly inspections: number;
  readonly checked: number;
  readonly closure_rate: number | null;
  readonly on_time_rate: number | null;
  readonly repeat_rate: number | null;
  readonly inspection_rate: number | null;
  readonly consistent_rate: number | null;
};

export type Account = {
  readonly id: string;
  readonly name: Words;
  readonly may: readonly string[];
  readonly places: readonly string[];
  readonly unit: string | null;
  readonly must_change: boolean;
  readonly disabled: boolean;
  readonly rights: readonly (readonly [string, string])[]; // access, place: beside what follows from org.toml
};

export type Token = {
  readonly id: string;
  readonly kind: "token" | "viewer";
  readonly name: string;
  readonly scopes: readonly string[];
  readonly place: string;
  readonly created_ms: number;
  readonly created_by: string;
  readonly expires_ms: number | null;
};

export type AuditRow = {
  readonly seq: number;
  readonly at_ms: number;
  readonly what: string;
  readonly actor: string;
  readonly about: Readonly<Record<string, unknown>>;
};

export type Verified = { readonly ok: boolean; readonly broken: { readonly seq: number; readonly why: string } | null };

export type Channel = {
  readonly id: string;
  readonly name: Words;
  readonly type: string;
  readonly enabled: boolean;
  readonly disabled_ms: number | null;
  readonly wait_until_ms: number | null;
  readonly reason: string | null;
};

export type RuleVersion = {
  readonly id: number;
  readonly state: string;
  readonly author: string;
  readonly reason: string;
  readonly created_ms: number;
  readonly state_ms: number;
  readonly rules: readonly string[];
};

export type RuleVersions = {
  readonly in_force: { readonly digest: string; readonly live: readonly number[]; readonly shadow: number | null; readonly min_backtest_days: number };
  readonly notices: readonly string[];
  readonly versions: readonly RuleVersion[];
};

export type Backtest = {
  readonly id: number;
  readonly state: string;
  readonly started_ms: number;
  readonly covered_ms: number | null;
  readonly error: string | null;
};

/** Somebody stands in; with `back_from_ms` it is a swap. `person` null: `instead_of` is away. */
export type RosterChange = {
  readonly id: number;
  readonly roster: string;
  readonly person: string | null;
  readonly instead_of: string | null;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly back_from_ms: number | null;
  readonly back_to_ms: number | null;
  readonly by: string;
  readonly note: string;
  readonly state: "asked" | "agreed" | "declined" | "withdrawn" | "cancelled";
  readonly decided_by: string | null;
};

export type Handover = {
  readonly id: number;
  readonly roster: string;
  readonly at_ms: number;
  readonly by: string;
  readonly to: string;
  readonly note: string;
  readonly open_tickets: readonly string[];
  readonly confirmed_by: string | null;
  readonly confirmed_ms: number | null;
};

export type RollCall = {
  readonly roll_call: string;
  readonly name: Words | null;
  readonly at_ms: number;
  readonly deadline_ms: number | null;
  readonly held: boolean;
  readonly people: readonly { readonly call: number; readonly person: string; readonly state: string; readonly answered_ms: number | null }[];
};

export type CalendarKey = { readonly id: string; readonly of: string; readonly by: string; readonly created_ms: number };
