// cedx.js URL KEY
const [baseUrl, key] = process.argv.slice(2)

// An ES module isn't looked for in NODE_PATH by its name.
import(`${process.env.NODE_PATH}/@cedx/akismet/lib/index.js`).then(({ Author, Blog, CheckResult, Client, Comment }) => {
  const blog = new Blog({ url: new URL('http://blog.example.com/'), charset: 'UTF-8', languages: ['en', 'fr'] })
  const client = key => new Client(key, blog, { baseUrl })
  const akismet = client(key)
  const make = ({ author, email, url, content }) => new Comment({
    author: new Author({ ipAddress: '203.0.113.7', userAgent: 'Mozilla/5.0 Example', name: author, email, url: url ? new URL(url) : undefined }),
    content, context: ['bread', 'baking'], date: new Date(), type: 'comment'
  })

  require('./lines')({
    verify: async ({ key }) => await client(key).verifyKey() ? 'valid' : 'invalid',
    check: async ({ comment }) => ({ [CheckResult.ham]: 'ham', [CheckResult.spam]: 'spam' })[await akismet.checkComment(make(comment))],
    spam: async ({ comment }) => (await akismet.submitSpam(make(comment)), 'thanked'),
    ham: async ({ comment }) => (await akismet.submitHam(make(comment)), 'thanked')
  })
})
