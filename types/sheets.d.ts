// What the server answers about sheets to print, and the entry of one that was signed on paper.

/** `blank` is a class's sheet to sign, `entry` the screen on which it is entered afterwards. */
type SheetName = 'class' | 'blank' | 'entry' | 'course' | 'statement';

interface SheetEvidence {
  course: string;
  exported_at: string;
  local_time: string;
  log_record: number;
  log_mac: string;
  register_digest: string;
}

interface SheetCourse {
  key: string;
  code: string;
  title: string;
  term: string;
}

/** Times are local, `zone` is theirs; `groups` are names. */
interface SheetClass {
  key: string;
  title: string;
  starts: string;
  ends: string;
  zone: string;
  room: string | null;
  groups: string[];
}

interface SheetTotals {
  held: number;
  present: number;
  late: number;
  excused: number;
  absent: number;
  percent: number | null;
  formula: string;
}

/** GET /meetings/KEY/sheet */
interface ClassSheet {
  course: SheetCourse;
  meeting: SheetClass;
  rows: ClassSheetRow[];
  may_mark: boolean;
  evidence: SheetEvidence;
}

interface ClassSheetRow {
  student: StudentName;
  status: AttendanceStatus | null;
  mark: string | null;
}

/** GET /courses/KEY/sheet */
interface CourseSheet {
  course: SheetCourse;
  meetings: SheetClass[];
  rows: { student: StudentName; statuses: (AttendanceStatus | null)[]; totals: SheetTotals }[];
  visitors: { student: StudentName; statuses: (AttendanceStatus | null)[] }[];
  evidence: SheetEvidence;
}

/** GET /students/KEY/statement */
interface StudentStatement {
  student: StudentName;
  courses: {
    course: SheetCourse;
    classes: { meeting: SheetClass; status: AttendanceStatus }[];
    totals: SheetTotals;
    last_attended: string | null;
    evidence: SheetEvidence;
  }[];
  last_attended: string | null;
}

/** What was entered from a signed sheet, by student. */
type EnteredMarks = Record<string, GivenStatus>;
