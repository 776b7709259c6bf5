// What every script of the pages and of their tests must keep. The only classic script is static/js/from-disk.js.

import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['build/', '.venv/', 'node_modules/'] },
  js.configs.recommended,
  {
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-shadow': 'error',
      'no-throw-literal': 'error',
      'no-implicit-coercion': 'error',
      'object-shorthand': 'error',
      'consistent-return': 'error',
      complexity: ['error', { max: 13, variant: 'modified' }],
    },
  },
  { files: ['static/js/**'], languageOptions: { globals: globals.browser } },
  {
    files: ['static/js/from-disk.js'],
    languageOptions: { sourceType: 'script', ecmaVersion: 5 },
    rules: { 'no-var': 'off', 'object-shorthand': 'off' }, // browsers too old for modules are told what to do, too
  },
  { files: ['tests/pages/**', '*.config.js'], languageOptions: { globals: globals.node } },
  { files: ['tests/e2e/**'], languageOptions: { sourceType: 'script', globals: globals.browser } },
];
