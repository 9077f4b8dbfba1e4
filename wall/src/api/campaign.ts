// Shell. Campaigns, how far each is, and spot checks of what was self-checked.
import { call, tell } from "./client";
import type { Duty, DutyState } from "./office.types";
import type { Words } from "./types";

export type When = "coming" | "running" | "over";

type Dated = { readonly id: string; readonly name: Words; readonly from_ms: number; readonly to_ms: number; readonly state: When };

export type CampaignHead = Dated & {
  readonly year: number;
  readonly basis: { readonly name: Words; readonly number: string; readonly issued: string };
  readonly units: readonly string[];
  readonly categories: readonly string[];
  readonly draws: boolean; // whether the site has spot checks for it
};

/** What is asked for; `due` is the sum of the others without `late`. */
export type DutyCounts = {
  readonly due: number;
  readonly done: number;
  readonly late: number;
  readonly overdue: number;
  readonly open: number;
  readonly pending: number;
  readonly waived: number;
  readonly unasked: number;
};

export type HazardCounts = {
  readonly found: number;
  readonly major: number;
  readonly rectified: number;
  readonly accepted: number;
  readonly written_off: number;
  readonly open: number;
  readonly overdue: number;
  readonly rate: number | null;
};

export type CheckCounts = {
  readonly drawn: number;
  readonly checked: number;
  readonly consistent: number;
  readonly wrong: number;
  readonly rate: number | null;
};

type Named = { readonly unit: string; readonly name: Words };
export type Sums = { readonly duty: DutyCounts; readonly tickets: HazardCounts; readonly checks: CheckCounts };
export type Committee = Named & Sums;
export type CampaignPhase = Dated & { readonly units: readonly (Named & DutyCounts)[]; readonly total: DutyCounts };

export type SampleItem = {
  readonly item: string; // duty:ID or ticket:ID
  readonly unit: string;
  readonly instance: number | null;
  readonly state: DutyState | null;
  readonly due_to_ms: number | null;
  readonly outcome: "consistent" | "wrong" | null;
  readonly checked_ms: number | null;
  readonly checked_by: string | null;
  readonly note: string;
  readonly ticket: number | null;
};

export type Sample = {
  readonly id: number;
  readonly seed: string;
  readonly drawn_ms: number;
  readonly drawn_by: string;
  readonly note: string;
  readonly there: number;
  readonly redrawn: boolean;
  readonly items: readonly SampleItem[];
};

export type Campaign = CampaignHead & {
  readonly phases: readonly CampaignPhase[];
  readonly committees: readonly Committee[];
  readonly total: Sums;
  readonly samples: readonly Sample[];
};

const at = (campaign: string): string => `campaigns/${encodeURIComponent(campaign)}`;

export const getCampaigns = () => call<CampaignHead[]>("campaigns");
export const getCampaign = (campaign: string) => call<Campaign>(at(campaign));
export const drawSample = (campaign: string, by: string, note: string) => tell<Sample>(`${at(campaign)}/samples`, { by, note });
export const checkDuty = (duty: number, by: string, outcome: string, note: string) =>
  tell<Duty>(`duties/${duty}/checked`, { by, outcome, note });
