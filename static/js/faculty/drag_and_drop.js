// Files dropped onto the page: a CSV is a roster, pictures are photos; the browser never opens them in its place.

import { closestTo, everyElement } from '../lib/dom.js';

/** @param {{ roster: (files: File[]) => unknown, photos: (files: File[]) => unknown }} takers */
export function wireDragAndDrop({ roster, photos }) {
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(event.target);
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) mark(null);
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(null);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    const zone = event.target instanceof Element ? closestTo(event, '[data-drop]')?.dataset.drop : null;
    if ((zone ?? kindOf(files)) === 'roster') roster(files);
    else photos(files);
  });
}

/** @param {File[]} files */
function kindOf(files) {
  return files.every((file) => /\.(csv|tsv|txt|xlsx)$/i.test(file.name)) ? 'roster' : 'photos';
}

/** @param {EventTarget | null} target */
function mark(target) {
  const over = target instanceof Element ? target.closest('[data-drop]') : null;
  for (const zone of everyElement('[data-drop]')) zone.dataset.over = String(zone === over);
}
