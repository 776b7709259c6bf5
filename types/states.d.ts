// The states of the pages' pure cores, and the events that change them.

/** What of a challenge the words and figures need; before the first answer there is less. */
type Asked = Pick<Challenge, 'state' | 'accepted'> & Partial<Challenge>;

/** For each kind of event what comes with it. */
type UntimedEventOf<Kinds> = { [Kind in keyof Kinds]: { type: Kind } & Kinds[Kind] }[keyof Kinds];

/** Events that have the time in milliseconds too. */
type EventOf<Kinds> = UntimedEventOf<{ [Kind in keyof Kinds]: { now: number } & Kinds[Kind] }>;
type Handlers<State, Kinds> = {
  [Kind in keyof Kinds]: (state: State, event: { now: number } & Kinds[Kind]) => State;
};
type Untimed<Event> = Event extends { now: number } ? Omit<Event, 'now'> : never;

/** A Problem, or what a Problem is made of. */
interface ProblemLike {
  code: string;
  detail: string;
  params?: Params;
  retryAfter?: number | null;
  status?: number;
  hint?: string | null;
  other_way?: boolean;
}

interface Settings {
  handsFree: boolean;
  tones: boolean;
  aloud: boolean;
}

/** The last check-in, while "Not me" is in reach. */
interface Arrival {
  name: string;
  time: string;
  already: boolean;
  standing: Standing | null;
  record: string | null;
  until: number;
  readyAt: number;
  cancelling?: boolean;
}

interface Trouble {
  code: string;
  detail: string;
  params: Params;
  until: number;
  waitUntil: number | null;
  hint: string | null;
  otherWay: boolean;
  claim: string | null;
  wantsCode: boolean;
  closesAt: number;
}

type KioskScreen =
  'starting' | 'pairing' | 'ready' | 'opening' | 'checking' | 'identifying' | 'greeted' | 'trouble' | 'away' | 'who';

interface KioskState {
  screen: KioskScreen;
  health: Health | null;
  place: KioskPlace | null;
  challenge: Challenge | null;
  arrival: Arrival | null;
  withoutTurning: boolean;
  moreTime: boolean;
  looking: string | null;
  lookProblem: ProblemLike | null;
  trouble: Trouble | null;
  said: { text: string; until: number } | null;
  begun: number;
  restarts: number;
  away: { since: number; resume: boolean } | null;
  handsFree: boolean;
  ways: number | null;
  somebody: boolean;
  cameraFault: CameraFault;
  unpaired: boolean;
  code: string | null;
}

interface KioskEvents {
  health: { health: Health };
  place: { place: KioskPlace };
  unreachable: {};
  unpaired: {};
  settings: { settings: Settings };
  presence: { somebody: boolean; cameraFault: CameraFault };
  blind: { problem: ProblemLike };
  cameras_changed: {};
  code: { code: string };
  paired: {};
  start: { secure: boolean; withoutTurning?: boolean; moreTime?: boolean };
  more_time: {};
  asked: { challenge: Challenge };
  passed: {};
  checked_in: { answer: CheckedIn };
  refused: { problem: ProblemLike; claim?: string | null };
  claimed: {};
  touched: {};
  ways: {};
  ways_closed: {};
  stop: {};
  not_me: {};
  not_me_done: { said: { text: string; now: number } };
  who: {};
  who_closed: {};
  look_up: { studentId: string };
  looked_up: {};
  tick: {};
}

type KioskEvent = EventOf<KioskEvents>;
type KioskDispatch = (event: Untimed<KioskEvent>) => void;

interface IdEntry {
  open: boolean;
  purpose: 'check_in' | 'history';
  proof: 'none' | 'code' | 'any';
  attempt: string;
  step: 'id' | 'code';
  id: string;
  code: string;
  busy: boolean;
  question: number;
  shown: History | null;
  problem: string | null;
  closesAt: number;
}

/** `question` numbers what is asked, and `answers` is the number of the question that an answer is to. */
interface IdEntryEvents {
  open: Pick<IdEntry, 'purpose' | 'proof'> & { attempt?: string };
  close: {};
  typed: { text: string };
  ask: { question: number; way?: 'code' };
  back: { answers: number };
  shown: { answers: number; answer: History };
  failed: { answers: number; words: string };
  longer: {};
  tick: {};
}

type IdEntryEvent = EventOf<IdEntryEvents>;
type IdEntryDispatch = (event: Untimed<IdEntryEvent>) => void;

interface SelfRegistration {
  screen: 'starting' | 'id' | 'consent' | 'opening' | 'running' | 'saving' | 'done' | 'trouble' | 'over';
  health: Health | null;
  text: ConsentText | null;
  studentId: string;
  challenge: Challenge | null;
  number: string;
  trouble: ProblemLike | null;
  until: number;
  ways: number | null;
  withoutTurning: boolean;
  moreTime: boolean;
}

interface SelfRegistrationEvents {
  ready: { health: Health; text: ConsentText };
  typed: { studentId: string };
  agreed: {};
  asked: { challenge: Challenge };
  captured: {};
  finished: { number: string };
  refused: { problem: ProblemLike };
  again: {};
  touched: {};
  ways: {};
  ways_closed: {};
  without_turning: {};
  more_time: {};
  over: {};
  tick: {};
}

type SelfRegistrationEvent = EventOf<SelfRegistrationEvents>;

interface Declared {
  presentation: string;
  medium: string;
  person: number;
  without_turning: boolean;
}

interface TrialState {
  screen: 'starting' | 'locked' | 'trial' | 'opening' | 'checking' | 'counting';
  trial: TrialCounts | null;
  declared: Declared | null;
  challenge: Challenge | null;
  stopped: boolean;
  result: { passed: boolean; failure: Failure | null } | null;
  problem: string;
}

interface TrialEvents {
  loaded: { trial: TrialCounts };
  locked: {};
  start: { declared: Declared };
  asked: { challenge: Challenge };
  stop: {};
  counting: {};
  counted: { answer: TryAnswer };
  discarded: {};
  failed: { problem: string };
}

type TrialEvent = UntimedEventOf<TrialEvents>;

type RosterFilter = 'all' | 'registered' | 'unregistered' | 'present' | 'absent';

interface RosterState {
  students: Student[];
  loaded: boolean;
  date: string;
  filter: RosterFilter;
  search: string;
  limit: number;
  updatedAt: number | null;
  refreshing: boolean;
}

interface RosterEvents {
  refreshing: {};
  unchanged: { now: number };
  refresh_failed: {};
  listed: { students: Student[]; date: string; now: number };
  student: { student: Student };
  changed: { students: Student[] };
  gone: { key: string };
  search: { text: string };
  filter: { filter: string };
  more: {};
}

type RosterEvent = UntimedEventOf<RosterEvents>;

/** One state of a student as a coloured mark with words. */
interface Badge {
  kind: 'good' | 'warn' | 'plain' | 'bad' | 'now';
  icon: string;
  text: string;
  detail: string;
}

/** A page of the list as it was fetched: the student after whom it begins, and its tag. */
interface FetchedPage {
  after: string | null;
  etag: string | null;
}

interface StudentListing {
  students: Student[];
  date: string;
  etags: FetchedPage[];
}

/** A face that was just registered; `alike` where somebody else looks like it. */
interface SavedFace {
  name: string;
  faces: number;
  weak: boolean;
  alike: boolean;
}

interface FaceTrouble {
  code: string;
  title: string;
  detail: string;
}

/** Registering faces one after another, while the dialog is open. */
type OpenFaceRegistration = {
  student: Student;
  /** Who is next, once this one is done. */
  upcoming: Student | null;
  challenge: Challenge | null;
  /** The passed capture, kept while the page asks about a face of another. */
  challengeId: string | null;
  saved: SavedFace | null;
  /** Whose face this is already. */
  other: StudentName | null;
  trouble: FaceTrouble | null;
} & (
  | { phase: 'consent' | 'opening' | 'ready' | 'running' | 'saving' }
  | { phase: 'done'; saved: SavedFace }
  | { phase: 'other'; other: StudentName }
  | { phase: 'trouble'; trouble: FaceTrouble }
);

type FaceRegistration =
  OpenFaceRegistration | (Omit<OpenFaceRegistration, 'student' | 'phase'> & { phase: 'closed'; student: null });

interface FaceRegistrationEvents {
  open: { student: Student };
  close: {};
  agreed: { student: Student };
  camera: {};
  start: {};
  asked: { challenge: Challenge };
  captured: { id: string };
  saved: { saved: SavedFace; upcoming: Student | null };
  face_of_another: { other: StudentName };
  confirm_other: {};
  refused: { trouble: FaceTrouble };
  retry: {};
  choose: { student: Student };
}

type FaceRegistrationEvent = UntimedEventOf<FaceRegistrationEvents>;

/** A photo to upload: whose it is, or why it is not used. `asked`: somebody has to say first that it is the student's. */
interface PlannedPhoto {
  name: string;
  student: Student | null;
  asked: boolean;
  problem: string | null;
}

interface PhotoResult extends PlannedPhoto {
  file: File;
  state: 'refused' | 'offered' | 'waiting' | 'saved';
  weak?: boolean;
}

/** What the faculty page gives its dialogs. */
interface FacultyPage {
  api: Api;
  readonly state: RosterState;
  readonly health: Health | null;
  readonly me: Me | null;
  dispatch(event: RosterEvent): void;
  said(sentence: string): void;
  quietly(sentence: string): void;
  wentWrong(title: string, error: unknown): void;
  refresh(): Promise<void>;
  register(student: Student): void;
  openStudent(student: StudentName): void;
  go(address: PlaceAddress): Promise<void>;
  /** Ask the server again what the account may do. */
  askRights(): Promise<void>;
  checkInByHand(student: Student): Promise<Student>;
  cancelCheckIn(student: Student, today: Today): Promise<Student>;
  focusRow(key: string | undefined): void;
}

/** The list of students, as the page keeps it. */
interface StudentList {
  readonly state: RosterState;
  dispatch(event: RosterEvent): void;
  refresh(): Promise<void>;
  watch(): Promise<void>;
  checkInByHand(student: Student): Promise<Student>;
  cancelCheckIn(student: Student, today: Today): Promise<Student>;
}

interface FacultySession {
  me: Me | null;
  enter(loggedIn: LoggedIn): void;
  leave(words: string): void;
}

/** The fields of a form by what the server calls them. */
type Fields = Record<string, HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>;

/** A form with the box for its faults. */
interface FacultyForm {
  form: HTMLFormElement;
  box: HTMLElement;
  fields: Fields;
}

type Credentials = { secret?: () => string | null; refused?: () => void };

interface RequestOptions {
  query?: Record<string, string | number | boolean | null | undefined>;
  json?: unknown;
  body?: BodyInit;
  type?: string;
  etag?: string | null;
  secret?: string;
  timeout?: number;
  signal?: AbortSignal;
  as?: 'json' | 'blob';
  keepalive?: boolean;
}

/** `data` is what the server answered: JSON, or a Blob where one was asked for. */
interface Answer {
  status: number;
  data: any;
  etag: string | null;
  headers: Headers;
}

interface Api {
  base: string;
  address(path: string, query?: RequestOptions['query']): string;
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, options?: RequestOptions): Promise<Answer>;
  patch(path: string, json: unknown): Promise<Answer>;
  put(path: string, json: unknown): Promise<Answer>;
  remove(path: string, options?: RequestOptions): Promise<Answer>;
}

interface Secret {
  get(): string | null;
  set(value: string | null): void;
}

interface Camera {
  open(deviceId?: string): Promise<void>;
  stop(): void;
  grab(): Promise<Blob>;
  video: HTMLVideoElement;
  readonly isOpen: boolean;
  readonly fault: PictureFault;
  readonly deviceId: string;
}

/** `asked` comes first, and `avoid` last. */
interface CameraTries {
  asked: string;
  tried: string[];
  avoid: string;
}

type PictureFault = '' | 'black' | 'still';
type CameraFault = PictureFault | 'closed';

interface PictureWatch {
  pictures: number;
  from: number;
  since: number;
  counts: boolean;
  stalled: boolean;
  stalls: number;
  sample: string;
  sameSince: number;
  patience: number;
  same: boolean;
}

/** What to do next with a challenge. */
type Command =
  { do: 'capture' | 'send' | 'finish' } | { do: 'resend'; wait: number } | { do: 'stop'; problem: ProblemLike };

interface FrameState {
  challenge: Challenge;
  pending: { number: number; nonce: string; bytes: Blob } | null;
  lost: number;
  command: Command;
}

type FrameEvent =
  | { type: 'captured'; bytes: Blob }
  | { type: 'answered'; challenge: Challenge }
  | { type: 'lost' | 'refused'; problem: ProblemLike };

/** Whether somebody stands at a hands-free kiosk. */
interface Presence {
  phase: 'away' | 'coming' | 'here';
  since: number;
  seenAt: number;
  stirs: number;
  stirredAt: number;
  begin: boolean;
  settle: boolean;
}

type Look = { near?: boolean; alive?: boolean; restless?: boolean; busy?: boolean; now: number };

interface Sight {
  room: Float32Array | null;
  last: Uint8Array | null;
  near: boolean;
  alive: boolean;
  restless: boolean;
}

interface Caption {
  key: string;
  hint: string;
  shownAt: number;
  wanted: string;
  wantedAt: number;
  say: string;
  aloud: string;
  saidAt: number;
  saidHint: string;
  saidHintAt: number;
}

/** The browser's own face detector, where it has one. */
interface FaceDetector {
  detect(picture: CanvasImageSource): Promise<{ boundingBox: DOMRectReadOnly }[]>;
}
declare var FaceDetector: { new (options: { fastMode: boolean; maxDetectedFaces: number }): FaceDetector } | undefined;
