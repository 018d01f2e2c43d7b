// native.js CONTRIB SOCKET KEY
const [contrib, path, key] = process.argv.slice(2)
const { Hamlet } = require(`${contrib}/hamlet.js`)
const hamlet = new Hamlet({ path, key })
const ids = {}
const feedback = label => async ({ comment }) => (await hamlet.feedback(ids[comment.content], label)).changed ? 'thanked' : 'nothing new'

require('./lines')({
  check: async ({ comment }) => {
    const verdict = await hamlet.check(comment)
    ids[comment.content] = verdict.id
    return verdict.verdict
  },
  spam: feedback('spam'),
  ham: feedback('ham')
})
