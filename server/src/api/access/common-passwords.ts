/**
 * Words that people build guessable passwords from, without digits and leet spelling (`passwords.ts` undoes both). Written for
 * this file from memory of what such passwords look like; longer words first matter, so the reader sorts them.
 */
export const COMMON_PASSWORD_WORDS: readonly string[] = `
tyto siem security alert alerts console splunk elastic sentinel logs logging detect
password passwort passwd passphrase passcode pass pwd secret secure login logon signin user username account access
admin administrator root superuser sysadmin operator manager master owner guest default system server client service
test testing tester demo sample example temp temporary changeme change letmein trustno welcome hello hallo bonjour hola goodbye
please thanks company corporate office business internet network computer windows microsoft google facebook linkedin twitter
amazon apple android iphone samsung nokia cisco oracle database mysql postgres linux ubuntu debian redhat docker kubernetes
qwerty qwertz azerty asdf zxcv qwer abcd abcdef abcdefg abc iloveyou loveyou loveme lovely love forever always together
princess prince queen king angel angels baby babygirl babyboy honey sweetheart sweetie darling sunshine rainbow butterfly flower
flowers summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february march april
june july august september october november december football baseball basketball soccer hockey tennis golf swimming chelsea
liverpool arsenal manchester barcelona realmadrid juventus bayern yankees lakers cowboys steelers eagles dolphins
dragon monkey tiger lion wolf shadow phoenix eagle falcon panther jaguar mustang ferrari porsche mercedes corvette harley
yamaha honda toyota nissan superman batman spiderman starwars startrek pokemon pikachu naruto minecraft fortnite roblox
matrix hunter killer ninja samurai warrior soldier ranger pirate wizard magic mystery fantasy legend hero
michael jennifer jessica ashley amanda daniel andrew joshua matthew robert thomas charlie george jordan michelle nicole
hannah sophie samantha elizabeth victoria alexander alexandra christopher christian william benjamin jonathan nicholas anthony
patrick martin peter maria anna laura julia stefan andreas sandra claudia carlos fernando alejandro roberto
computer chocolate cookie cookies banana orange cherry strawberry pepper ginger coffee cheese pizza buster maggie bailey
freedom jesus christ heaven blessed family mother father mommy daddy sister brother friend friends bestfriend
diamond silver golden purple yellow green black white orange blue red pink crystal money dollar million lucky happy smile
unbelievable incredible whatever nothing something anything everything someone nobody unknown private public
fuckyou fuck asshole bitch sexy hottie playboy blink metallica nirvana slipknot eminem beatles elvis music guitar piano
strong stronger strongest number numbers letters one two three four five six seven eight nine ten my the is and for you me new
`
  .trim()
  .split(/\s+/);

/** Rows and columns of keyboards: runs along them are no better than `abcdef`. */
export const KEYBOARD_RUNS: readonly string[] = [
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "yxcvbnm",
  "1234567890",
  "abcdefghijklmnopqrstuvwxyz",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
  "qazwsxedcrfvtgbyhnujm",
  "!@#$%^&*()",
  '!"§$%&/()=',
];
