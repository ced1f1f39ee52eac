// Runs every audit of npm's graphql-http against a URL and prints the verdicts as JSON.
import { serverAudits } from 'graphql-http'

const [url, token] = process.argv.slice(2)
const fetchFn = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) } })

const verdicts = []
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn()
  verdicts.push({ id: audit.id, name: audit.name, status, reason })
}
console.log(JSON.stringify(verdicts))
