// Runs documents by the ids in a manifest that a compiler wrote, and prints what each answered.
import { readFileSync } from 'node:fs'

const [url, token, manifest, variables] = process.argv.slice(2)
const answers = {}
for (const id of Object.keys(JSON.parse(readFileSync(manifest, 'utf8')))) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ documentId: id, variables: JSON.parse(variables) }),
  })
  answers[id] = await response.json()
}
console.log(JSON.stringify(answers))
