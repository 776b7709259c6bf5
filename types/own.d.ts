// A student's own attendance, as the server gives it to the student.

interface OwnClass {
  key: string;
  title: string;
  starts: string;
  ends: string;
  status: AttendanceStatus | null;
  planned: boolean;
}

interface OwnCourse {
  key: string;
  code: string;
  title: string;
  may_ask: boolean;
  percentage: {
    percent: number | null;
    formula: string;
    may_miss: number | null;
    counts: { held: number; present: number; late: number; excused: number; absent: number; to_come: number };
  };
  classes: OwnClass[];
}

interface OwnRequest {
  id: string;
  course: string;
  meeting: string;
  asks: AskedFor;
  text: string | null;
  state: 'open' | 'accepted' | 'declined';
  passed_on: boolean;
  may_pass_on: boolean;
  due: string;
  answers: GivenAnswer[];
}

interface OwnAttendance {
  student: { student_id: string; name: string };
  courses: OwnCourse[];
  requests: OwnRequest[];
  asks: AskedFor[];
  code_issued: { by: string; on: string } | null;
}
