'use strict'
// Our own page: choose a sample, paste a token, run. The token stays in this tab's session storage.
const element = id => document.getElementById(id)
const samples = JSON.parse(element('samples').textContent)
const word = () => Math.random().toString(36).slice(2, 12)

function show(sample) {
  const fresh = word()
  element('query').value = sample.query
  element('variables').value = sample.variables.replaceAll('{random}', fresh)
}

async function run() {
  const token = element('token').value.trim()
  sessionStorage.setItem('portico-token', token)
  let variables
  try {
    variables = JSON.parse(element('variables').value.trim() || '{}')
  } catch (fault) {
    return tell(`The variables are not JSON: ${fault.message}`, '', true)
  }
  element('run').disabled = true
  const began = performance.now()
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/graphql-response+json',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: element('query').value, variables }),
    })
    const answer = await response.json()
    const took = Math.round(performance.now() - began)
    const cost = answer.extensions?.cost
    const spent = cost ? `, ${cost.actualQueryCost} of ${cost.requestedQueryCost} points` : ''
    tell(JSON.stringify(answer, null, 2), `${response.status} in ${took} ms${spent}`, Boolean(answer.errors))
  } catch (fault) {
    tell(`The server cannot be reached: ${fault.message}`, '', true)
  } finally {
    element('run').disabled = false
  }
}

function tell(text, status, wrong) {
  element('answer').textContent = text
  element('status').textContent = status
  element('status').classList.toggle('wrong', wrong)
}

for (const [number, sample] of samples.entries()) {
  element('sample').append(new Option(sample.title, number))
}
element('sample').addEventListener('change', event => show(samples[event.target.value]))
element('run').addEventListener('click', run)
document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run()
})
element('token').value = sessionStorage.getItem('portico-token') ?? ''
show(samples[0])
