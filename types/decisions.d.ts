// What waits for staff to decide, as the server lists it.

type AskedFor = 'present' | 'late' | 'excused' | 'other';

interface GivenAnswer {
  at: string;
  by: string;
  accepted: boolean;
  text: string | null;
}

interface Decision {
  kind: 'visitor' | 'request' | 'self_registration';
  id: string;
  student: StudentName;
  course: string | null;
  code: string | null;
  meeting: { key: string; title: string; starts: string } | null;
  since: string;
  due: string | null;
  overdue: boolean;
  status: AttendanceStatus | null;
  visitor: 'not_a_member' | 'other_group' | 'other_room' | null;
  number: string | null;
  /** Registered at a kiosk with pictures looking straight only. */
  without_turning: boolean;
  request: { asks: AskedFor; text: string | null; passed_on: boolean; answers: GivenAnswer[] } | null;
}

interface DecisionList {
  items: Decision[];
  counts: { visitor: number; request: number; self_registration: number; total: number };
}
