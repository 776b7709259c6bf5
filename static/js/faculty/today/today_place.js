// Today: my classes of the day, the register of the one that is open, and starting one now.

import { byId, icon, make, refill, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { chosenMeeting, meetingTimes, meetingTitle, phaseBadge, withWarning } from '../../logic/faculty/meetings.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { dayInWords } from '../../logic/time.js';
import { createWatch } from '../watch.js';

const EVERY_S = 30;

/**
 * @param {FacultyPage} page
 * @param {{ show: (key: string | null) => void }} classRegister
 */
export function createTodayPlace(page, classRegister) {
  /** @type {MeetingToday[]} */
  let meetings = [];
  let date = '';
  /** @type {CourseOfList[]} */
  let courses = [];
  /** @type {string | null} the class that the address asks for */
  let asked = null;
  const watch = createWatch(look, (error) => problem(asProblem(error).detail));

  /** @param {() => boolean} wanted */
  async function look(wanted) {
    const [today, mine] = await Promise.all([page.api.get('/today'), page.api.get('/courses')]);
    if (!wanted()) return null; // another class or place is shown by now
    ({ meetings, date } = today.data);
    courses = mine.data.courses.filter((/** @type {CourseOfList} */ one) => !one.archived && one.role !== 'viewer');
    problem('');
    render();
    return EVERY_S;
  }

  function render() {
    const chosen = chosenMeeting(meetings, asked);
    setText(byId('today-day'), dayInWords(date));
    setHidden(byId('today-start'), courses.length === 0);
    byId('today-start').classList.toggle('btn-primary', chosen === null); // one main button: the class has its own
    setHidden(byId('today-none'), chosen !== null || asked !== null);
    setText(byId('today-none-text'), t(courses.length === 0 ? 'today.no_course' : 'today.none_text'));
    setHidden(byId('today-meetings-nav'), meetings.length < 2);
    const key = asked ?? chosen?.key ?? null;
    refill(byId('today-meetings'), JSON.stringify([meetings, key]), () => meetings.map((one) => linkTo(one, key)));
    refill(byId('start-course'), JSON.stringify(courses), () =>
      courses.map(({ key: value, code, title }) =>
        make('option', { value, text: t('today.course_option', { code, title }) }),
      ),
    );
    classRegister.show(key);
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('today-problem'), sentence);
    setHidden(byId('today-problem'), sentence === '');
  }

  byId('start-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    setHidden(byId('start-problem'), true);
    const course = byId('start-course').value;
    const minutes = Number.parseInt(byId('start-minutes').value, 10);
    try {
      const json = Number.isNaN(minutes) ? {} : { minutes };
      const { data } = await page.api.post(`/courses/${encodeURIComponent(course)}/meetings/now`, { json });
      byId('start-dialog').close();
      page.said(withWarning(t('today.started', { meeting: meetingTitle(data.meeting) }), data));
      await page.go(addressOf('today', { meeting: data.meeting.key }));
      await watch.now();
      byId('class-title').focus();
    } catch (error) {
      setText(byId('start-problem'), sentences(asProblem(error)).join(' '));
      setHidden(byId('start-problem'), false);
      byId('start-problem').focus();
    }
  });

  return {
    /** @param {PlaceAddress} address */
    show({ meeting }) {
      asked = meeting;
      byId('today-class').append(byId('class'));
      render();
      watch.start();
    },
    leave() {
      watch.stop();
      classRegister.show(null);
    },
    refresh: watch.now,
  };
}

/**
 * @param {MeetingToday} meeting
 * @param {string | null} shown
 */
function linkTo(meeting, shown) {
  const { text, icon: picture } = phaseBadge(meeting);
  const link = make('a', { className: 'tab', href: writePlace(addressOf('today', { meeting: meeting.key })) }, [
    make('span', { className: 'block font-medium', text: meetingTitle(meeting) }),
    make('span', { className: 'flex items-center gap-1.5 text-sm text-soft tabular' }, [
      icon(picture),
      `${meetingTimes(meeting)} · ${text}`,
    ]),
  ]);
  if (meeting.key === shown) link.setAttribute('aria-current', 'true');
  return make('li', {}, [link]);
}
