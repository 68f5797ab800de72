/** Passwords of eight characters or more that head the lists of leaked ones, in lower case: what a guesser tries first. */
const COMMONEST = `
  password password1 password2 password3 password12 password11 password01 password123 password1234 password12345
  password! password1! password123! passw0rd passw0rd1 p@ssword p@ssw0rd p@ssw0rd1 p@ssword1 pa55word pa$$word
  mypassword newpassword thepassword password0 password7 password9 password00 password69 password99 passwords
  12345678 123456789 1234567890 12345678910 123456789a 123456789q 1234567891 0123456789 012345678 87654321
  987654321 9876543210 0987654321 11111111 111111111 1111111111 22222222 33333333 44444444 55555555 66666666
  77777777 88888888 99999999 00000000 000000000 0000000000 12341234 12344321 11223344 1122334455 112233445566
  12121212 123123123 123321123 147258369 159753456 1qaz2wsx 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5
  zaq12wsx zaq1zaq1 1qazxsw2 qazwsxedc qazwsx123 qweasdzxc asdfghjkl asdfghjk asdf1234 asdfasdf asdfjkl; zxcvbnm1
  zxcvbnm, zxcvbnm123 qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyuiop123
  qwer1234 qwer4321 abcd1234 abc12345 abc123456 abcdefgh abcdefg1 abcdefghi a1234567 a12345678 a123456789 aa123456
  aa12345678 aaaaaaaa abcabcabc 1234abcd 1234qwer 123qweasd 123qwe123 12345qwert 123456qwerty 123456abc 123456aa
  iloveyou iloveyou1 iloveyou2 iloveyou! iloveyou123 iloveme1 ilovegod loveyou1 mylove123 lovelove loveme123
  sunshine sunshine1 princess princess1 princesa football football1 baseball baseball1 basketball softball
  superman superman1 batman123 spiderman pokemon1 pokemon123 starwars starwars1 trustno1 whatever whatever1
  computer computer1 internet internet1 samsung1 samsung123 nintendo playstation minecraft runescape
  michelle michael1 jennifer jennifer1 jonathan elizabeth alexander alexandra christian christine nicholas
  veronica victoria samantha stephanie danielle patricia benjamin brittany charlie1 charlotte jessica1 jordan23
  liverpool liverpool1 chelsea1 arsenal1 barcelona realmadrid manchester juventus
  welcome1 welcome12 welcome123 welcome2024 welcome2025 welcome! letmein1 letmein123 letmein! changeme changeme1
  changeme123 changeit admin123 admin1234 admin12345 administrator root1234 test1234 testtest test12345 testing1
  testing123 guest123 user1234 default1 secret123 secretpassword monkey12 monkey123 dragon12 dragon123 master12
  master123 shadow12 shadow123 killer123 hunter12 hello123 hello1234 helloworld freedom1 butterfly chocolate
  blink182 babygirl babygirl1 mustang1 corvette mercedes ferrari1 ashley123 daniel123 andrew123 matthew1
  summer2023 summer2024 summer2025 winter2024 winter2025 spring2024 spring2025 autumn2024 company1 company123
  december november september february october1 monday123 america1 california midnight moonlight rainbow1
  swordfish champion champions dolphins steelers cowboys1 yankees1 lakers24 metallica slipknot1 greenday
`;
const commonest = new Set(COMMONEST.trim().split(/\s+/));

/** Whether a password is among the commonest leaked ones, written in any case. */
export const isCommonPassword = (password: string): boolean => commonest.has(password.toLowerCase());
