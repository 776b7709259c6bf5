// The sentences of the pages that do not come from the server. Plain words: what to do, or how to mend what went wrong.

const STRAIGHT = 'Look straight at the camera';

const INSTRUCTIONS = {
  look_straight: [STRAIGHT, 'Face the camera with your eyes open', STRAIGHT],
  turn_left: [
    'Turn your head to your left',
    'Look over your left shoulder, the way the arrow points',
    'Now look straight again',
  ],
  turn_right: [
    'Turn your head to your right',
    'Look over your right shoulder, the way the arrow points',
    'Now look straight again',
  ],
  close_eyes: [
    'Close your eyes and count to two',
    'Shut both eyes gently, count to two, then open them',
    'Now open your eyes',
  ],
  tilt_up: ['Lift your chin', 'Look up at the ceiling, slowly', 'Now look straight again'],
  tilt_down: ['Lower your chin', 'Look down at the floor, slowly', 'Now look straight again'],
  open_mouth: ['Open your mouth', 'Open your mouth wide, as if to yawn', 'Now close your mouth'],
  come_closer: ['Come a little closer', 'Move your face towards the camera', 'Now move back again'],
  turn_slightly_left: [
    'Turn slightly to your left',
    'A small turn, the way the arrow points',
    'Now look straight again',
  ],
  turn_slightly_right: [
    'Turn slightly to your right',
    'A small turn, the way the arrow points',
    'Now look straight again',
  ],
  chin_up: ['Lift your chin a little', 'Look just above the camera', 'Now look straight again'],
  chin_down: ['Lower your chin a little', 'Look just below the camera', 'Now look straight again'],
};

// What is drawn while the way back is asked for.
const BACK = { close_eyes: 'open_eyes', open_mouth: 'close_mouth', come_closer: 'move_back' };

const HINTS = {
  no_face: 'We cannot see a face. Look into the camera.',
  one_person: 'One person only, please.',
  come_closer: 'Come a little closer.',
  move_back: 'Move back a little.',
  too_dark: 'It is too dark. Turn towards the light.',
  too_bright: 'It is too bright. Turn away from the light.',
  blurred: 'The picture is blurred. Hold still, or wipe the camera.',
  hold_still: 'Hold still.',
  face_cut_off: 'Bring your whole face into the oval.',
  look_straight: 'Look straight at the camera.',
  a_little_more: 'A little more.',
  hold: 'Hold it there.',
  open_eyes: 'Open your eyes.',
  close_mouth: 'Close your mouth.',
  other_side: 'To the other side, please.',
  other_way: 'The other way, please.',
  slower: 'A little slower, please.',
  move_to_center: 'Move to the middle of the oval.',
};

// A few hints mean something more exact while a certain movement is asked.
const HINTS_FOR = {
  close_eyes: {
    a_little_more: 'Close your eyes fully.',
    hold: 'Good. Keep them closed.',
    open_eyes: 'Open your eyes first, then close them.',
  },
  open_mouth: { a_little_more: 'A little wider.', hold: 'Good. Keep it open.' },
  come_closer: { a_little_more: 'A little closer.' },
};

/** {text, picture} for what a challenge asks now. */
export function instruction(challenge) {
  if (challenge.state === 'passed' || challenge.state === 'redeemed') {
    return { text: 'Thank you. One moment…', picture: 'done' };
  }
  const action = challenge.action in INSTRUCTIONS ? challenge.action : 'look_straight';
  const [first, otherwise, back] = INSTRUCTIONS[action];
  if (challenge.returning) return { text: back, picture: BACK[action] ?? 'look_straight' };
  return { text: challenge.asked_otherwise ? otherwise : first, picture: action };
}

/** The hint that goes with a challenge, empty where it would only repeat the instruction. */
export function hintFor(challenge) {
  const code = challenge?.hint;
  if (!code) return '';
  const straight = challenge.returning || challenge.state === 'neutral' || challenge.action === 'look_straight';
  if (straight && (code === 'look_straight' || (challenge.returning && code === 'open_eyes'))) return '';
  return (challenge.returning ? null : HINTS_FOR[challenge.action]?.[code]) ?? HINTS[code] ?? '';
}

const DONE = {
  look_straight: 'Looked straight',
  turn_left: 'Turned left',
  turn_right: 'Turned right',
  close_eyes: 'Eyes closed',
  tilt_up: 'Chin up',
  tilt_down: 'Chin down',
  open_mouth: 'Mouth open',
  come_closer: 'Came closer',
  turn_slightly_left: 'Turned left a little',
  turn_slightly_right: 'Turned right a little',
  chin_up: 'Chin up',
  chin_down: 'Chin down',
};

/** One entry a step: what was fulfilled, then what is still to come, unnamed; `now` is the one under way. */
export function stepsOf(challenge) {
  const total = Math.max(challenge.total ?? 0, challenge.accepted.length);
  const now = stepNumber(challenge);
  return Array.from({ length: total }, (_, place) => {
    const action = challenge.accepted[place];
    const text = action ? (DONE[action] ?? 'Done') : `Step ${place + 1}`;
    return { done: Boolean(action), now: place + 1 === now && challenge.state === 'step', text };
  });
}

/** Which step is under way, from 1: one whose movement is accepted is under way until the head is back. */
function stepNumber(challenge) {
  return challenge.accepted.length + (challenge.returning ? 0 : 1);
}

/** "Step 2 of 4", and before and after the steps what stands there instead. */
export function progressWords(challenge) {
  if (!challenge.total) return '';
  if (challenge.state === 'step') return `Step ${stepNumber(challenge)} of ${challenge.total}`;
  return challenge.state === 'neutral' ? `First, then ${challenge.total} steps` : 'All done';
}

/** What a screen reader hears: where one is, what was accepted, and what is asked; `key` is new for each of them. */
export function spokenStep(challenge) {
  const { text } = instruction(challenge);
  const { state, action, returning, asked_otherwise: otherwise, accepted } = challenge;
  const key = [state, action, returning, otherwise, accepted.length].join(' ');
  if (state !== 'step') return { key, sentence: `${text}.` };
  if (returning) return { key, sentence: `Good. ${text}.` };
  return { key, sentence: otherwise ? `${text}.` : `${progressWords(challenge)}. ${text}.` };
}

export const CAMERA_TROUBLES = {
  camera_missing: {
    title: 'We found no camera',
    detail: 'Plug in a camera, or switch it on, then try again.',
  },
  camera_refused: {
    title: 'This page may not use the camera',
    detail: 'Click the camera or lock sign beside the address above, allow the camera for this page, then try again.',
  },
  camera_in_use: {
    title: 'The camera is busy',
    detail: 'Another program seems to use the camera. Close it (a video call, perhaps), then try again.',
  },
  camera_ended: {
    title: 'The camera stopped',
    detail: 'Its cable may have come loose. Check the camera, then try again.',
  },
  insecure: {
    title: 'The camera needs a secure page',
    detail:
      'Browsers give the camera only to https:// pages and to this computer’s own pages. Start the server with '
      + '“python app.py --https” and open the https:// address it prints, or open the page as http://127.0.0.1 on the '
      + 'computer that runs the server.',
  },
};

/** What getUserMedia's failure means for a person. */
export function cameraTrouble(errorName) {
  switch (errorName) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'camera_refused';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'camera_in_use';
    case 'InsecureContext':
      return 'insecure';
    default:
      return 'camera_missing';
  }
}
