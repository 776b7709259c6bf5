// What the server answers about courses, meetings and registers. Times are local to the meeting, as "2026-12-01T10:00".

type CourseRole = 'lecturer' | 'assistant' | 'viewer';
type MeetingPhase = 'planned' | 'open' | 'closed' | 'cancelled';
type AttendanceStatus = 'present' | 'late' | 'excused' | 'absent' | 'not_yet' | 'not_taken';

/** What staff can make of a cell; `as_recorded` clears a mark, `declined` is for visitors. */
type GivenStatus = 'present' | 'late' | 'excused' | 'absent';
type MarkStatus = GivenStatus | 'as_recorded' | 'declined';

/** GET /courses: one's own courses, or all for a registrar, whose role is null where they teach nothing. */
interface CourseOfList {
  key: string;
  code: string;
  title: string;
  term: string;
  role: CourseRole | null;
  students: number;
  archived: boolean;
  own_rules: boolean;
  own_policy: boolean;
  locked: boolean;
  next_meeting: { key: string; title: string; starts: string; phase: MeetingPhase } | null;
}

interface CourseGroup {
  key: string;
  name: string;
}

/** GET /courses/KEY */
interface Course extends CourseOfList {
  first_day: string;
  last_day: string;
  minutes: number;
  room: string | null;
  groups: CourseGroup[];
  faces: boolean;
}

interface RegisterCounts {
  present: number;
  late: number;
  excused: number;
  absent: number;
  not_yet: number;
  visitors: number;
  of: number;
}

/** GET /courses/KEY/meetings. `groups` are keys; none: for everybody. */
/** The classes of a course: those to come, or the past ones. */
type ClassesPart = 'upcoming' | 'past';

interface Meeting {
  key: string;
  course: string;
  code: string;
  title: string;
  starts: string;
  ends: string;
  opens: string;
  on_time_until: string;
  closes: string;
  room: string | null;
  groups: string[];
  phase: MeetingPhase;
  series: string | null;
  /** What the classes of one day have in common that one check-in serves. */
  block: string | null;
  counts_in_total: boolean;
  may_be_absent: boolean;
  held: boolean | null;
  please_check: boolean;
  locked: boolean;
}

/** GET /today: a meeting of one's courses. */
interface MeetingToday extends Meeting {
  counts: RegisterCounts;
}

/** Why a cell is what it is: `why.CODE` in the catalogue, with its values. */
interface Why {
  code: string;
  params: Params;
}

/** `check_in` and `mark` are the ids of the records that concern the cell. */
interface RegisterRow {
  student: StudentName;
  status: AttendanceStatus | null;
  why: Why;
  check_in: string | null;
  mark: string | null;
  /** Of the mark; null to those who may not mark. */
  remark: string | null;
  at: string | null;
}

/** A known student whom the meeting's list does not name, or a member at another room's kiosk. */
interface RegisterVisitor {
  student: StudentName;
  kind: 'not_a_member' | 'other_group' | 'other_room';
  time: string;
  kiosk: string | null;
  room: string | null;
  check_in: string;
}

/** What staff may add to a mark: one of the site's list. */
interface MarkRemark {
  code: string;
  text: string;
  /** Whether a time completes it, such as that of leaving early. */
  time: boolean;
}

/** GET /meetings/KEY/register, with an ETag. `may_mark`: a viewer may not. */
interface MeetingRegister {
  meeting: Meeting;
  counts: RegisterCounts;
  rows: RegisterRow[];
  visitors: RegisterVisitor[];
  remarks: MarkRemark[];
  may_mark: boolean;
}

/** POST /meetings/KEY/marks takes {marks: Mark[]}: all of them, or none with 409 `mark_changed`. */
interface Mark {
  student: string;
  status: MarkStatus;
  replaces: string | null;
  remark?: string;
  at?: string;
}

interface MarkRecord {
  id: string;
  student: string;
  status: MarkStatus;
}

/** POST /meetings/KEY/changes */
type MeetingChange =
  | { action: 'close' | 'cancel' | 'restore' | 'held'; series?: 'this' | 'later' }
  | { action: 'extend' | 'reopen' | 'queue'; minutes: number }
  | {
      action: 'edit';
      title: string;
      room: string;
      groups: string[];
      counts_in_total: boolean;
      may_be_absent: boolean;
      series: 'this' | 'later';
    }
  | { action: 'edit'; room: string }
  | { action: 'move'; starts: string; ends: string; room: string | null; series: 'this' | 'later' };

/** GET /courses/KEY/register */
interface CourseRegister {
  meetings: Meeting[];
  rows: { student: StudentName; cells: RegisterCell[]; percentage: Percentage }[];
  visitors: { student: StudentName; cells: RegisterCell[] }[];
  policy: PercentagePolicy;
  remarks: MarkRemark[];
  may_mark: boolean;
}

/** A row of the grid as it is shown: an accepted visitor has no percentage. */
interface GridRow {
  student: StudentName;
  cells: RegisterCell[];
  percentage: Percentage | null;
}

type RegisterCell = Omit<RegisterRow, 'student' | 'remark' | 'at'>;

interface CourseMember {
  student: StudentName;
  first_day: string;
  last_day: string | null;
  groups: string[];
}

/** GET /courses/KEY/staff answers {staff}: those of the past and the future too. `account` is its key. */
interface CourseStaffMember {
  account: string;
  name: string;
  role: CourseRole;
  first_day: string | null;
  last_day: string | null;
}

/** POST /courses/KEY/meetings: one meeting, or a series of them between two days. Monday is weekday 0. */
interface NewMeeting {
  title: string;
  day: string;
  from: string;
  to: string;
  block: { from: string; to: string }[];
  room: string | null;
  groups: string[];
  counts_in_total: boolean;
  may_be_absent: boolean;
  weekly: { weekdays: number[]; last_day: string; except: string[] } | null;
}

/** POST /courses/KEY/meetings/import?dry_run=1: what a file would add. `digest` goes back as `plan` to apply it. */
interface MeetingPlan {
  digest: string;
  added: number;
  already: number;
  meetings: Meeting[];
  skipped: { title: string; when: string; why: 'all_day' | 'cancelled' | 'closure' | 'other_course' }[];
  unknown_rooms: string[];
  warning: string | null;
  written: number | null;
}

/** POST /roster?course=KEY&dry_run=1: what a file would do. `digest` goes back as `plan` to apply it. */
interface RosterPlan {
  digest: string;
  added: number;
  created: number;
  restored: number;
  already: number;
  updated: number;
  joining: ListedName[];
  renamed: (ListedName & { before: string })[];
  handed: HandedId[];
  damaged: DamagedId[];
  retired: (ListedName & { before: string })[];
  not_listed: StudentName[];
  left: number;
  left_out: number;
  new_groups: string[];
  undoable: boolean;
  ignored_columns: string[];
  warnings: LineFault[];
}

/** A known ID under a name that shares no word with the student's. */
interface HandedId extends ListedName {
  line: number;
  key: string;
  before: string;
  face: boolean;
}

/** An ID that looks like a damaged one of a listed student. */
interface DamagedId extends ListedName {
  line: number;
  listed: string;
  why: string;
}

/** POST /imports/nightly: what the file of all courses would change of the site, or changed. */
interface NightlyReport {
  applied: boolean;
  digest: string;
  /** more students would leave than may unasked */
  asks: boolean;
  added: number;
  updated: number;
  restored: number;
  new_courses: number;
  changed_courses: number;
  joining: number;
  moving: number;
  leaving: number;
  new_staff: number;
  left_out: number;
  courses: { code: string; term: string; leaving: number; of: number; leaving_students: ListedName[] }[];
  handed: HandedId[];
  damaged: DamagedId[];
  warnings: { file: string; line: number; message: string }[];
}

/** What a column of a roster can hold. */
type ColumnRole =
  | 'student_id'
  | 'name'
  | 'first_name'
  | 'last_name'
  | 'last_name_prefix'
  | 'sorted_name'
  | 'email'
  | 'groups'
  | 'known_as';

interface FileRow {
  line: number;
  cells: string[];
}

interface LikelyEncoding {
  encoding: string;
  label: string;
  lines: [number, string][];
}

/** What a file does not say. `roles` are by the places of columns, from 1; `header` 0: no line is known as one. */
type EncodingQuestion = { ask: 'encoding'; encodings: LikelyEncoding[] };
type ColumnsQuestion = { ask: 'columns'; header: number; rows: FileRow[]; roles: Record<number, ColumnRole> };
type FileQuestion = EncodingQuestion | ColumnsQuestion;

/** What was chosen for a file, as the server takes it. */
type FileChoices = {
  encoding?: string;
  columns?: string;
  same?: string;
  another?: string;
  damaged?: 'listed' | 'new';
};

/** A student as a file has them. */
interface ListedName {
  student_id: string;
  name: string;
}

/** Minutes from the start of a class; `late_until` null: to its end. */
interface StatusRules {
  opens_before: number;
  on_time: number;
  late_until: number | null;
}

/** GET /courses/KEY/rules: those in force, and the site's, which hold where `own` is false. */
interface CourseRules {
  rules: StatusRules;
  own: boolean;
  site: StatusRules;
}

/** PUT /courses/KEY/rules?preview=1: whose status would change. */
interface RulesPreview {
  changes: {
    meeting: { key: string; title: string; starts: string };
    student: StudentName;
    before: AttendanceStatus | null;
    after: AttendanceStatus | null;
  }[];
  students: number;
  meetings: number;
  warning: string | null;
}

interface ExcusedClass {
  key: string;
  course: string;
  code: string;
  title: string;
  starts: string;
  ends: string;
}

/** One of GET /students/KEY/excuses. `course` null: by a registrar, for all courses. `chosen`: for chosen classes. */
interface Excuse {
  id: string;
  time: string;
  by: string;
  course: string | null;
  code: string | null;
  chosen: boolean;
  first_day: string | null;
  first_time: string | null;
  last_day: string | null;
  last_time: string | null;
  classes: ExcusedClass[];
  reason: string | null;
  note: string | null;
  may_change: boolean;
}

interface SiteReason {
  code: string;
  text: string;
}

/** GET /attendance-settings, as far as the pages use it. */
interface AttendanceSettings {
  rules: StatusRules;
  policy: PercentagePolicy;
  remarks: MarkRemark[];
  reasons: SiteReason[];
  excused_needs_reason: boolean;
  reason_after_days: number | null;
  closures: Closure[];
  kiosk_shows_status: boolean;
}

/** Days without teaching, both included. */
interface Closure {
  first_day: string;
  last_day: string;
  name: string;
}

/** How a course counts percentages. Weights and `limit` are percents; `excused` null leaves excused classes out. */
interface PercentagePolicy {
  unit: 'meetings' | 'hours';
  basis: 'held' | 'planned' | 'best';
  late: number;
  excused: number | null;
  free_absences: number;
  remarks: { code: string; weight: number }[];
  limit: number | null;
  in_row: number | null;
}

type LowReason = 'under_limit' | 'may_miss_none' | 'absent_in_row';

/** What a student's attendance comes to. `percent` is to be shown; null where there is nothing to divide by. */
interface Percentage {
  percent: number | null;
  exact: string | null;
  formula: string;
  counts: {
    held: number;
    present: number;
    late: number;
    excused: number;
    absent: number;
    make_ups: number;
    to_come: number;
  };
  free_absences_used: number;
  excused_left_out: number;
  best: number | null;
  absent_in_row: number;
  may_miss: number | null;
  low: LowReason[];
}

/** GET /courses/KEY/policy. */
interface CoursePolicy {
  locked: boolean;
  policy: PercentagePolicy;
  own: boolean;
  site: PercentagePolicy;
  remarks: { code: string; text: string }[];
}

/** PUT or DELETE /courses/KEY/policy?preview=1: whose percentage would change. */
interface PolicyPreview {
  changes: {
    student: StudentName;
    before: number | null;
    after: number | null;
    low_before: LowReason[];
    low_after: LowReason[];
  }[];
  low_before: number;
  low_after: number;
}

interface Contact {
  key: string;
  on: string;
  by: string;
  outcome: string;
}

/** GET /low-attendance answers {rows, total, next}. */
interface LowStudent {
  student: StudentName;
  courses: { key: string; code: string; percentage: Percentage }[];
  last_attended: string | null;
  days_since: number | null;
  absent_in_row: number;
  contacted: Contact | null;
}

/** Days of a course in which nothing changes any more; no first day: from the beginning. */
interface CourseLock {
  key: string;
  first_day: string | null;
  last_day: string;
  by: string;
  at: string;
  records: number;
  digest: string;
}

/** GET /courses/KEY/locks */
interface CourseLocks {
  locks: CourseLock[];
  may_unlock: boolean;
}

/** The last import into a course, while it can be undone. */
interface UndoableImport {
  plan: string;
  students: number;
}
