'use strict'
// GraphiQL with our samples as tabs and our token field; the token stays in this tab's session storage.
const field = document.getElementById('token')
const samples = JSON.parse(document.getElementById('samples').textContent)
const word = Math.random().toString(36).slice(2, 12)
field.value = sessionStorage.getItem('portico-token') ?? ''

async function fetcher(params) {
  const token = field.value.trim()
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(params),
  })
  return response.json()
}

const tabs = samples.map(({ query, variables }) => ({
  query,
  variables: variables.replaceAll('{random}', word),
}))
const root = ReactDOM.createRoot(document.getElementById('graphiql'))
const memory = new Map() // tabs are not kept: each visit begins with the samples
const storage = {
  get length() { return memory.size },
  getItem: key => memory.get(key) ?? null,
  setItem: (key, value) => memory.set(key, value),
  removeItem: key => memory.delete(key),
  clear: () => memory.clear(),
}

let shown = 0
function render() {
  // a new key makes GraphiQL read the schema again, now as who has just signed in
  root.render(React.createElement(GraphiQL, { key: shown++, fetcher, defaultTabs: tabs, storage, forcedTheme: 'light' }))
}

field.addEventListener('change', () => {
  sessionStorage.setItem('portico-token', field.value.trim())
  render()
})
render()
