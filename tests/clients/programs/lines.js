// Answers each line of standard input by one word: HANDLERS has a function, sync or not, for each call.
const readline = require('node:readline')

module.exports = async handlers => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { call, ...rest } = JSON.parse(line)
    console.log(await handlers[call](rest))
  }
}
