import { resolve } from 'node:path'
import type { StoreAbout } from '../about'
import { filePathOf } from '../url'

export interface FileOptions {
  readonly kind: 'file'
  readonly directory: string
}

export const about: StoreAbout<FileOptions> = {
  kind: 'file',
  name: 'file',
  label: 'files',
  hint: 'one file for each session; one machine, or a shared disk; not on Windows',
  packages: [],
  typePackages: [],
  sharedFolders: ['disk'],
  variables: {
    SESSION_FILE_DIR: {
      rule: 'a directory',
      example: './data/sessions',
      default: './data/sessions',
      isValid: (text) => !text.includes('\0'),
    },
  },
  url: {
    example: 'file:./old-sessions/ (a directory of the file store, with / at its end)',
    read(url) {
      const directory = filePathOf(url)
      return directory?.endsWith('/') ? { kind: 'file', directory } : undefined
    },
  },
  options: ({ SESSION_FILE_DIR: directory = '' }) => ({ kind: 'file', directory }),
  show: ({ directory }) => ({ SESSION_FILE_DIR: directory }),
  place: ({ directory }) => [resolve(directory)],
  open: () => import('./open'),
}
