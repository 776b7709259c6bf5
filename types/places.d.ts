// Where one is on the faculty page, as its address says it.

type PlaceName = 'today' | 'decide' | 'courses' | 'students' | 'reports' | 'settings' | 'sheets';

/** What a course shows of itself. */
type CourseTab = 'classes' | 'attendance' | 'students' | 'rules';

/** The dialogs that have an address of their own. */
type AddressedDialog =
  | 'consents'
  | 'removed'
  | 'attendance'
  | 'low'
  | 'registers'
  | 'refused'
  | 'term'
  | 'account'
  | 'recognition'
  | 'rules'
  | 'reasons'
  | 'nightly'
  | 'kiosks'
  | 'accounts'
  | 'audit';

/** A place and what of it is shown; a student and a dialog open above their place. A sheet is `of` a class, a course or
 * a student, by key. */
interface PlaceAddress {
  place: PlaceName;
  course: string | null;
  tab: CourseTab | null;
  meeting: string | null;
  student: string | null;
  dialog: AddressedDialog | null;
  sheet: SheetName | null;
  of: string | null;
}

/** The faculty page's way from one address to another. */
interface Shell {
  start(placed?: () => void): void;
  go(address: PlaceAddress): Promise<void>;
  /** Closes what has the present address, or gives up opening it. */
  leaveDialog(): void;
  isAt(address: PlaceAddress): boolean;
}

/** A place that does something while it is shown. */
interface WatchedPlace {
  show(address: PlaceAddress): void;
  leave(): void;
  refresh(): Promise<void>;
}

/** What a course shows of itself. */
interface CourseTabView {
  show(course: Course, address: PlaceAddress): Promise<void>;
  leave(): void;
}
