import { getSession } from '@/lib/session'
import { setTheme } from './actions'

const CHOICES = { system: 'System', light: 'Light', dark: 'Dark' }

/**
 * Light or dark, stored in the session. The style sheet reads `data-theme`. The attribute is here and not on `<html>`,
 * because a layout that reads the session would make every page wait for the store.
 */
export async function ThemeSwitch() {
  const session = await getSession()
  const theme = session.get('site.theme') ?? 'system'
  return (
    <form action={setTheme} data-theme={theme}>
      <fieldset className="flex items-center justify-between gap-3">
        <legend className="float-left text-[0.875em] text-muted">Theme</legend>
        <div className="flex rounded-control border border-edge p-0.5">
          {Object.entries(CHOICES).map(([choice, label]) => (
            <button
              key={choice}
              type="submit"
              name="theme"
              value={choice}
              aria-pressed={theme === choice}
              className="min-h-8 rounded-[0.25rem] px-2.5 text-[0.875em] text-muted hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
            >
              {label}
            </button>
          ))}
        </div>
      </fieldset>
    </form>
  )
}
