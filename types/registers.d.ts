// The states of the pages that show registers.

type RegisterFilter = 'missing' | 'late' | 'present' | 'excused' | 'all';

/** Marks that were made together, and those that undo them. */
interface UndoStep {
  marks: Mark[];
  back: Mark[];
}

/** `order` holds the keys of the students shown; `pending` what is on its way to the server. */
interface RegisterState {
  register: MeetingRegister | null;
  filter: RegisterFilter;
  search: string;
  order: string[];
  pending: Record<string, MarkStatus>;
  undo: UndoStep[];
}

interface RegisterEvents {
  listed: { register: MeetingRegister };
  filter: { filter: string };
  search: { text: string };
  settle: {};
  marking: { marks: Mark[] };
  marked: { marks: Mark[]; records: MarkRecord[]; before: ChosenMark[] };
  not_marked: { marks: Mark[] };
  undone: { step: UndoStep; records: MarkRecord[] };
  left: {};
}

type RegisterEvent = UntimedEventOf<RegisterEvents>;

type ShownRow = RegisterRow & { pending: MarkStatus | null };

/** What staff can do with a meeting by one button. */
type MeetingAct = 'close' | 'queue' | 'extend' | 'cancel' | 'restore' | 'held' | 'reopen';

/** A row with what its drawing depends on. */
type DrawnRow = ShownRow & { here: boolean; mayMark: boolean };

/** A mark as it was chosen; `at` completes a remark. */
interface ChosenMark {
  status: MarkStatus;
  remark?: string;
  at?: string;
}

/** Asks which mark to make; null where none was chosen. */
type MarkChooser = (question: {
  title: string;
  line: string;
  why: string;
  status: MarkStatus | null;
  remarks: MarkRemark[];
  /** What only an E can have beside the remarks. */
  reasons?: SiteReason[];
}) => Promise<ChosenMark | null>;

/** A class of a course with what its drawing depends on. */
type DrawnMeeting = Meeting & { where: string; may: boolean };

/** A member with what its drawing depends on: the names of the groups, and what may be done. */
type DrawnMember = CourseMember & { names: string[]; mayExcuse: boolean; mayGroup: boolean; mayLeave: boolean };

/** An excuse as it is typed; a blank field is an empty text. */
interface TypedExcuse {
  kind: 'days' | 'hours' | 'classes';
  first_day: string;
  first_time: string;
  last_day: string;
  last_time: string;
  meetings: string[];
  reason: string;
  note: string;
}

/** A student's excuses in a course, or in all. It ends with whether something was changed. */
interface ExcusesDialog {
  open(student: StudentName, course: Course | null, how: { may: boolean; day?: string }): Promise<boolean>;
}
