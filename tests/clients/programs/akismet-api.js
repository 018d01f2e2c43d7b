// akismet-api.js HOST[:PORT] KEY
const { AkismetClient } = require('akismet-api')
const [host, key] = process.argv.slice(2)
const client = key => new AkismetClient({ key, blog: 'http://blog.example.com/', host, protocol: 'http' })
const akismet = client(key)
const fields = ({ author, ...rest }) => ({
  ip: '203.0.113.7', useragent: 'Mozilla/5.0 Example', name: author, type: 'comment', date: '2026-11-22T19:04:02Z', honeypot: '', ...rest
})

require('./lines')({
  verify: async ({ key }) => await client(key).verifyKey() ? 'valid' : 'invalid',
  check: async ({ comment }) => await akismet.checkSpam(fields(comment)) ? 'spam' : 'ham',
  spam: async ({ comment }) => await akismet.submitSpam(fields(comment)) && 'thanked',
  ham: async ({ comment }) => await akismet.submitHam(fields(comment)) && 'thanked'
})
