// Tests of pages speak English: importing this file loads the catalogue.

import { readFileSync } from 'node:fs';

import { useCatalogue } from '../../../static/js/lib/messages.js';

export const ENGLISH = JSON.parse(readFileSync(new URL('../../../static/i18n/en.json', import.meta.url), 'utf8'));

useCatalogue(ENGLISH);
