// What the server answers, as far as the pages of students and the field trial read it. The OpenAPI document under /docs
// has it all.

type Params = Record<string, string | number>;

interface Catalogue {
  lang: string;
  dir: string;
  dates: string;
  messages: Record<string, string>;
}

interface Failure {
  code: string;
  detail: string;
}

interface Health {
  site_name: string;
  contact: string;
  demo: boolean;
  time_zone: string;
  now: string;
  faces: { ready: boolean; problem: Failure | null };
  registered: number;
  this_computer: boolean;
  history_access: 'proof' | 'open';
  self_registration: boolean;
}

interface Challenge {
  id: string;
  state: 'neutral' | 'step' | 'passed' | 'failed' | 'redeemed';
  action: string | null;
  asked_otherwise: boolean;
  returning: boolean;
  accepted: string[];
  total: number;
  hint: string | null;
  failure: Failure | null;
  next: { number: number; nonce: string } | null;
  pace_ms?: number;
  other_way?: boolean;
  more_time?: boolean;
}

interface CheckedIn {
  record: { id: string; local_time: string };
  already: boolean;
  student: { name: string };
  greeting_time: string;
}

interface HistoryRecord {
  date: string;
  time: string;
  method: 'kiosk' | 'by_hand';
  cancelled: boolean;
}

interface History {
  student: { student_id: string; name: string };
  records: HistoryRecord[];
  total: number;
}

interface ConsentText {
  version: string;
  words: string;
}

interface TrialRow {
  species: string;
  tries: number;
  hits: number;
  rate: number;
  upper_95: number;
  steps: number;
  note: string;
}

interface TrialSection {
  setting: string;
  rows: TrialRow[];
}

interface TrialCounts {
  presentations: { key: string; words: string }[];
  sections: TrialSection[];
}

interface TryAnswer {
  passed: boolean;
  failure: Failure | null;
  trial: TrialCounts;
}
