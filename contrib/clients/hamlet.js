// A client of Hamlet for blog software in Node.js: nothing but Node itself is needed.
'use strict'
const http = require('node:http')

class Hamlet {
  // key: the blog's key; without one comments belong to the site "default".
  constructor ({ path = '/var/lib/hamlet/hamlet.sock', key = '', timeout = 5000 } = {}) {
    Object.assign(this, { path, key, timeout })
  }

  // Judges a comment: an object with content and what else is known (author, email, url, ip, user_agent, permalink...).
  // Gives an object with id (keep it with the comment), verdict ('ham', 'unsure' or 'spam'), probability and evidence.
  // When it fails, hold the comment for a moderator and ask again later.
  check (comment) {
    return this.#post('/v1/check', comment)
  }

  // Says what the comment was: 'spam' or 'ham'.
  feedback (id, label) {
    return this.#post('/v1/feedback', { id, label })
  }

  #post (path, value) {
    const body = JSON.stringify(value)
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    if (this.key) headers.Authorization = `Bearer ${this.key}`
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.path, path, method: 'POST', headers, timeout: this.timeout }, response => {
        const parts = []
        response.on('data', part => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          try {
            const answer = JSON.parse(Buffer.concat(parts).toString())
            response.statusCode === 200 ? resolve(answer) : reject(new Error(answer.error.message))
          } catch (error) {
            reject(error)
          }
        })
      })
      request.on('timeout', () => request.destroy(new Error('Hamlet takes too long')))
      request.on('error', reject)
      request.end(body)
    })
  }
}

module.exports = { Hamlet }
