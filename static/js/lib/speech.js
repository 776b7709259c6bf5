// Reads sentences aloud, with a voice of this device alone: others would send what is said, names too, elsewhere.

import { plain } from '../logic/names.js';
import { language } from './messages.js';

let wanted = false;

/** @param {boolean} on */
export function setVoice(on) {
  wanted = on;
  if (!on) globalThis.speechSynthesis?.cancel();
}

export function hasVoice() {
  return localVoice() !== undefined;
}

/** @param {string} sentence */
export function say(sentence) {
  const voice = wanted ? localVoice() : undefined;
  if (!voice) return;
  const spoken = new SpeechSynthesisUtterance(plain(sentence));
  spoken.voice = voice;
  spoken.lang = voice.lang;
  globalThis.speechSynthesis.cancel();
  globalThis.speechSynthesis.speak(spoken);
}

function localVoice() {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  return voices.find((voice) => voice.localService && voice.lang.split(/[-_]/)[0] === language().split('-')[0]);
}
