# akismet.rb KEY: the host is fixed
require 'akismet'
require 'json'

$stdout.sync = true
BLOG = 'http://blog.example.com/'.freeze
akismet = Akismet::Client.new(ARGV[0], BLOG, app_name: 'Example', app_version: '1.0')

ask = lambda do |name, comment|
  fields = { author: comment['author'], author_email: comment['email'], author_url: comment['url'], text: comment['content'], type: 'comment',
             created_at: DateTime.now, languages: %w[en fr] }.compact
  akismet.send(name, '203.0.113.7', 'Mozilla/5.0 Example', fields)
end

ARGV.clear
while (line = $stdin.gets)
  call = JSON.parse(line)
  puts(case call['call']
       when 'verify' then Akismet::Client.new(call['key'], BLOG).verify_key ? 'valid' : 'invalid'
       when 'check' then akismet.open { ask.call(:check, call['comment']) == [false, false] ? 'ham' : 'spam' }
       else ask.call(call['call'], call['comment']) || 'thanked'
       end)
end
