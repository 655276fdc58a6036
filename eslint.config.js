import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The rooms of src/, lowest first. A room imports only from rooms before it (docs/decisions.md says why). */
const ROOMS = [
  ['errors'],
  ['config'],
  ['frames'],
  ['media'],
  ['kernels'],
  ['inference'],
  ['enhance'],
  ['repair'],
  ['stream', 'stills', 'film'],
  ['supervisor'],
  ['publish', 'film-room'],
  ['server'],
  ['cli'],
];

/** For each room, the rooms it must not import from: its neighbours on the same floor and all above. */
const importOrder = ROOMS.flatMap((floor, index) =>
  floor.map((room) => {
    const forbidden = [...floor.filter((other) => other !== room), ...ROOMS.slice(index + 1).flat()];
    return {
      files: [`src/${room}/**/*.ts`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: forbidden.map((other) => ({
              regex: `^(\\.\\./)+${other}/`,
              message: `src/${room} lies below src/${other} and must not import from it.`,
            })),
          },
        ],
      },
    };
  }),
);

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.scratch', '.data', 'src/kernels/assembly'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.tests.json', './web-viewer/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // `as X` says what a value is, where `!` only silences.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Index signatures are read with brackets (noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'max-lines': ['error', { max: 420, skipComments: true }],
    },
  },
  ...importOrder,
  { files: ['types/*.d.ts'], rules: { '@typescript-eslint/no-extraneous-class': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setInterval: 'readonly',
        fetch: 'readonly',
        // Of the page that a script has opened.
        window: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
);
