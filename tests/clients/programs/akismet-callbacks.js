// akismet-callbacks.js MODULE HOST PORT KEY: the module named `akismet`, whose versions 1 and 2 are used alike
const { promisify } = require('node:util')
const [name, host, port, key] = process.argv.slice(2)
const akismet = require(name)
const client = key => akismet.client({ blog: 'http://blog.example.com/', apiKey: key, host, port: Number(port) })
const method = (key, name) => { const c = client(key); return promisify(c[name].bind(c)) }
const fields = ({ author, email, url, content }) => ({
  user_ip: '203.0.113.7', referrer: 'http://search.example/', comment_type: 'comment', comment_author: author, comment_author_email: email,
  comment_author_url: url, comment_content: content
})
const thanked = promise => promise.then(() => 'thanked')

require('./lines')({
  verify: async ({ key }) => await method(key, 'verifyKey')() ? 'valid' : 'invalid',
  check: async ({ comment }) => await method(key, 'checkSpam')(fields(comment)) ? 'spam' : 'ham',
  spam: ({ comment }) => thanked(method(key, 'submitSpam')(fields(comment))),
  ham: ({ comment }) => thanked(method(key, 'submitHam')(fields(comment)))
})
