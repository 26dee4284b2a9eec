// The notices of the packages that are bundled into `dist`: their licences ask to travel along.
// @ts-check
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {import('esbuild').Metafile} metafile of the bundle
 * @param {string} folder that its paths begin in
 * @returns {string} each package with what its licence says of whose it is, and each wording of the terms once
 * @throws when a package has a licence that is not understood, or none: read it before you add the package
 */
export function thirdPartyLicenses(metafile, folder) {
  /** @type {Map<string, { terms: string, heads: string[] }>} */
  const groups = new Map()
  for (const path of packagesIn(metafile)) {
    const { name, version } = JSON.parse(readFileSync(join(folder, path, 'package.json'), 'utf8'))
    const { owners, terms } = readLicense(name, join(folder, path))
    const key = terms.replace(/\s+/g, ' ') // lines end where each author's editor ended them
    const group = groups.get(key) ?? { terms, heads: [] }
    group.heads.push(`${name} ${version}\n${owners}`)
    groups.set(key, group)
  }
  const texts = [...groups.values()].map(({ terms, heads }) => [...heads, terms].join('\n\n'))
  return `${['The files in dist contain code of these packages.', ...texts].join('\n\n')}\n`
}

/** @param {import('esbuild').Metafile} metafile */
function packagesIn(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs))
  const folders = inputs.flatMap((path) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])
  return [...new Set(folders)].sort()
}

/**
 * @param {string} name
 * @param {string} folder
 */
function readLicense(name, folder) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e(?:\.|$)/i.test(each))
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
  const start = text.search(/^Permission /m) // so begin the terms of MIT and ISC
  const owners = text
    .slice(0, start)
    .trim()
    .replace(/\n{2,}/g, '\n')
  if (start < 0 || !owners.includes('Copyright'))
    throw new Error(`${name} is bundled, and its licence is not understood. See third-party-licenses.mjs.`)
  return { owners, terms: text.slice(start).trim() }
}
