// What the server answers, as far as the pages read it. The OpenAPI document under /docs has it all.

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
  hint?: string | null;
}

interface Health {
  site_name: string;
  contact: string;
  demo: boolean;
  time_zone: string;
  time_zone_chosen: boolean;
  now: string;
  faces: { used: boolean; ready: boolean; problem: Failure | null };
  profile: Profile;
  notices: string[];
  registered: number;
  setup_needed: boolean;
  this_computer: boolean;
  history_access: 'proof' | 'open';
  self_registration: boolean;
  days_kept: DaysKept;
}

/** How many days this site keeps what; 0: for good. */
interface DaysKept {
  identities: number;
  faces: number;
  notes: number;
  requests: number;
}

/** GET /students/{key}/hold and GET /courses/{course}/hold; `courses` are held courses of the student. */
interface HoldAnswer {
  hold: { reason: string; by: string; at: string } | null;
  courses?: string[];
}

/** The models that compare faces here; `detector` and `recogniser` are null while none are loaded. */
interface Profile {
  name: string | null;
  detector: string | null;
  recogniser: string | null;
  reason: string;
  advice: string | null;
  measured: string | null;
  accuracy: Accuracy | null;
  moving: ModelMove | null;
}

interface Accuracy {
  how: string;
  warning: string | null;
  looser: boolean;
  loosened: boolean;
}

/** How many students have moved from the models used before to those used now. */
interface ModelMove {
  before: string;
  now: string;
  moved: number;
  keeping: number;
  waiting: number;
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
  standing: Standing | null;
}

type ClassStatus = 'present' | 'late' | 'absent' | 'excused' | 'not_yet' | 'not_taken';

/** What a check-in comes to; null on a site without courses. `status` is null where the site hides it. */
interface Standing {
  kind: 'counted' | 'other_room' | 'other_group' | 'not_a_member' | 'no_class';
  classes: { course: string; room: string | null; status: ClassStatus | null }[];
}

/** A class in a kiosk's room; times are local. */
interface ClassAtKiosk {
  course: string;
  title: string;
  room: string | null;
  starts: string;
  ends: string;
  opens: string;
  on_time_until: string;
  late_until: string;
  phase: 'planned' | 'open';
  on_time: boolean;
}

interface KioskPlace {
  name: string;
  room: string | null;
  entrance: boolean;
  courses: boolean;
  faces: boolean;
  classes: ClassAtKiosk[];
  next: ClassAtKiosk | null;
}

interface MarkSaid {
  status: 'present' | 'late' | 'excused' | 'absent' | 'as_recorded' | 'declined';
  course: string | null;
  meeting: string | null;
  day: string | null;
  first_day: string | null;
  first_time: string | null;
  last_day: string | null;
  last_time: string | null;
  reason: string | null;
  note: string | null;
}

interface HistoryMark extends MarkSaid {
  date: string;
  by: string;
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
  marks: HistoryMark[];
  /** Opens the student's own courses, for minutes; null without a proof. */
  token: string | null;
}

interface ConsentText {
  version: string;
  words: string;
}

interface StudentName {
  key: string;
  student_id: string;
  name: string;
}

interface Student extends StudentName {
  /** "" if it is the official name. `name` is the official one for registrars alone. */
  known_as: string;
  email: string;
  registered: boolean;
  needs_again: boolean;
  sources: ('camera' | 'camera_straight' | 'photo' | 'check_in')[];
  removed: boolean;
  today: Today | null;
  alike: string[];
  consent: Consent;
  paused: boolean;
  waiting: WaitingRequest | null;
  more_time: boolean;
  /** The reader's own role in a course of the student; null for those who only read the list. */
  role: CourseRole | null;
  uses_faces: boolean;
}

type MergeSide = 'this' | 'other';

interface MergeChoice {
  other: string;
  id_of: MergeSide;
  name_of: MergeSide;
  face_of?: MergeSide;
}

interface MergeQuestion {
  name: 'id_of' | 'name_of' | 'face_of';
  label: string;
  answers: string[];
}

interface MergedEntry {
  student: Student;
  records: number;
  code_issued: boolean;
}

interface MergePlan extends Record<MergeSide, MergedEntry> {
  after: StudentName & { known_as: string };
  notes: string[];
}

interface LastCorrection {
  what: 'id' | 'merge';
  by: string;
  on: string;
  student_id: string;
  other_id: string | null;
}

interface CorrectionsAnswer {
  former: { student_id: string; name: string; until_on: string }[];
  undo: LastCorrection | null;
}

type WaitingStudent = Student & { waiting: WaitingRequest };

interface Today {
  record_id: string;
  local_time: string;
  method: 'kiosk' | 'by_hand';
}

/** How a lecturer records a consent. */
type AskedWay = 'in_person' | 'on_paper';
type ConsentWay = AskedWay | 'kiosk';

type Consent = {
  given_on: string | null;
  recorded_by: string | null;
  withdrawn_on: string | null;
  withdrawn_by: string | null;
} & ({ state: 'given'; way: ConsentWay } | { state: 'outdated' | 'withdrawn' | 'missing'; way: ConsentWay | null });

/** A registration at a kiosk that a lecturer has to accept. */
interface WaitingRequest {
  id: string;
  number: string;
  kiosk: string;
  local_time: string;
  /** All pictures were taken looking straight. */
  without_turning: boolean;
}

interface Enrolment {
  student: Student;
  faces: number;
  weak: boolean;
}

interface LookAlikes {
  students: StudentName[];
  code_issued: boolean;
}

interface AttendanceRecord {
  date: string;
  local_time: string;
  method: 'kiosk' | 'by_hand' | 'cancellation' | 'mark' | 'excuse';
  kiosk: string | null;
  by: string;
  cancelled: boolean;
  mark: MarkSaid | null;
}

interface AttendancePage {
  records: AttendanceRecord[];
  next: string | null;
}

interface RosterReport {
  added: number;
  updated: number;
  unchanged: number;
  restored: number;
  ignored_columns: string[];
  warnings: LineFault[];
}

/** What is wrong with a file, or with one line of it. */
interface LineFault {
  line?: number;
  message: string;
}

type Importing = { stage: 'reading'; done: number; total: null } | { stage: 'writing'; done: number; total: number };

interface WeakFace {
  student: StudentName;
  reasons: string[];
  at_kiosk: number;
  by_hand: number;
  not_me: number;
  refused: number;
}

/** A refused check-in; `student` only if an ID was typed. */
interface Refusal {
  time: string;
  date: string;
  local_time: string;
  kiosk: string | null;
  cause: string;
  step: string | null;
  hint: string | null;
  student: StudentName | null;
}

interface AlikePair {
  students: StudentName[];
}

interface FaceReport {
  weak: WeakFace[];
  alike: AlikePair[];
}

type Role = 'admin' | 'registrar' | 'faculty' | 'officer';

interface Me {
  roles: Role[];
  name: string;
  /** Operations that the account may call for some student or course, "GET /kiosks" for example. */
  may: string[];
}

interface LoggedIn {
  token: string;
  me: Me;
}

interface Account extends Me {
  key: string;
  disabled: boolean;
}

interface Kiosk {
  key: string;
  name: string;
  last_seen: string | null;
  room: string | null;
  entrance: boolean;
}

/** A new kiosk; one for a program comes with its key. */
interface NewKiosk {
  kiosk: Kiosk;
  key: string | null;
}

interface RateLimit {
  key: string;
}

interface KeyAndName {
  key: string;
  name: string | null;
}

type AuditFact = string | number | boolean;

interface AuditEntry {
  time: string;
  who: KeyAndName;
  place: string;
  action: string;
  words: string;
  state: 'asked' | 'done' | 'refused';
  whom: KeyAndName[];
  facts: Record<string, AuditFact | null>;
}

interface AuditPage {
  entries: AuditEntry[];
  next: number | null;
  actions: { name: string; words: string }[];
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

/** GET /faces/unneeded: students with a face in no current course; `digest` names exactly these. */
interface UnneededFaces {
  students: StudentName[];
  digest: string;
}
