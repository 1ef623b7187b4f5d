/**
 * Words that short chat messages are made of: greetings, thanks, small words, what customers ask
 * about. A statistical detector needs sentences; "merci" or "bom dia" it cannot tell.
 *
 * Words are the pack's own choice, without accents where the script has them (see `normalizeText`).
 * A word may be in several lists; it then counts less for each.
 */

/**
 * By BCP 47 primary subtag. Order breaks ties, more or less by how many people write them.
 * Arabic is also here, as chats write it in Latin letters.
 */
const LATIN: Record<string, string> = {
	en: `hello hi hey dear thanks thank thx you your please pls the is are my me where what when
		why how want need order refund help can could i a an to and not for of it its this that
		there price good morning evening afternoon yes do does did have has been with was will
		would about bill invoice wrong delivery money back payment account still waiting anyone
		sorry cancel much on in any some if or but so at by from just get got any been they he she
		we us out when who which more shipping available cost need than only today tomorrow
		yesterday now later week month two three four five six ten monday tuesday wednesday
		thursday friday saturday sunday`,
	es: `hola buenos buenas dias tardes noches gracias por favor donde esta mi mis pedido quiero
		quisiera necesito ayuda con el la los las un una de que es en y no si para factura precio
		cuanto cuesta cuando como puedo tengo mucho muchas usted saber reembolso cuenta ustedes
		adios vale esto me se lo su al del o ya hay tiene tienen tienes hace hacen son pero muy
		mas todavia sin sobre estan ser ha he envio disponible desde hasta algo hoy manana ayer
		ahora luego semana mes dos tres cuatro cinco seis diez lunes martes miercoles jueves
		viernes sabado domingo puede pueden podria queria nos les te soy somos`,
	pt: `ola oi bom boa dia tarde noite obrigado obrigada por favor onde esta o os meu minha
		pedido quero queria gostaria preciso ajuda com um uma de que e em nao sim para fatura
		preco quanto custa quando como posso tenho muito tudo bem voce voces reembolso conta cade
		ainda isso as do da no na me se ao aos pela pelo nos em ou ja mas mais sem foi ser sao tem
		tenho eu vc vcs ta pra ate entre muita frete disponivel desde hoje amanha ontem agora
		depois semana mes dois duas tres quatro cinco seis dez segunda terca quarta quinta sexta
		sabado domingo pode podem poderia sou somos gente`,
	fr: `bonjour bonsoir salut merci svp ou est ma mon mes commande je j veux voudrais besoin aide
		avec le la les un une des du de que qui en et pas oui non pour facture prix combien quand
		comment puis suis ai vous votre nous remboursement beaucoup bonne journee c cest l d n a
		au plait s il ce aux dans sur sous mais ou par elle ils sont avez tres bien plus encore
		toujours rien sans cette quel quelle disponible livraison ca si chez bsr bjr rdv aujourd
		hui demain hier maintenant semaine mois deux trois quatre cinq six dix lundi mardi
		mercredi jeudi vendredi samedi dimanche peut peux pouvez serait sommes moi`,
	de: `hallo guten tag morgen abend danke vielen bitte wo ist meine mein meinen bestellung ich
		mochte will brauche hilfe mit der die das den ein eine einen und nicht ja nein fur
		rechnung preis wie viel was wann kann konnen habe sie ihr ihre moin servus geld zuruck
		falsch noch es zu von gruss auf aus bei dem des im am an als auch aber oder wenn nur schon
		mehr hat hab bin sind war kein keine mir mich uns wir ihr er wird versand gibt heute
		gestern jetzt spater woche monat zwei drei vier funf sechs zehn montag dienstag mittwoch
		donnerstag freitag samstag sonntag kannst konnten hatte ware euch euer`,
	it: `ciao salve buongiorno buonasera grazie per favore dove mio mia ordine vorrei voglio ho
		bisogno aiuto con il lo la i gli le un una di che e in non si fattura prezzo quanto costa
		quando come posso sono mille rimborso del della prego ancora mi l d arrivato quale al alla
		dal dalla nel nella dei delle anche ma o se piu gia ci vi sono avete ha hanno era fare
		questo questa perche molto disponibile spedizione oggi domani ieri adesso dopo settimana
		mese due tre quattro cinque sei dieci lunedi martedi mercoledi giovedi venerdi sabato
		domenica puo possibile potete siamo vorremmo`,
	nl: `hallo hoi goedemorgen goedemiddag goedenavond goedendag dag bedankt dank dankjewel waar
		is mijn bestelling ik wil graag heb hulp nodig met de het een en niet ja nee voor factuur
		prijs hoe veel wat wanneer kan jullie u je mij geld terug alstublieft alsjeblieft nog van
		klopt kost op te aan er om dan of maar als bij naar uit dit deze die is zijn was hebben
		heeft ook al zo wel niks iets kunnen verzending beschikbaar vandaag morgen gisteren nu
		later week maand twee drie vier vijf zes tien maandag dinsdag woensdag donderdag vrijdag
		zaterdag zondag kunt wij ons zou mogen`,
	tr: `merhaba merhabalar selam gunaydin tesekkurler tesekkur ederim sagolun lutfen nerede
		siparisim siparis benim istiyorum yardim bir ve bu ne kadar fiyat fiyati fatura iade evet
		hayir icin mi mu nasil neden zaman var yok degil iyi gunler aksamlar kolay gelsin yanlis
		hala ile cok da de daha ben sen siz bana size sizin olarak gibi ama veya kac mudur musunuz
		misiniz degil oldu sey kargo acaba bugun yarin dun simdi sonra hafta ay iki uc dort bes
		alti on pazartesi sali carsamba persembe cuma cumartesi pazar olur musun misin biz sizde`,
	pl: `czesc witam hej dzien dobry wieczor dziekuje dzieki prosze gdzie jest moje moja moj
		zamowienie chce chcialbym chcialabym potrzebuje pomocy z i nie tak dla faktura cena ile
		kosztuje kiedy jak moge mam zwrot pieniedzy sie na do to co w czy ze od po za o u bo ale
		lub juz jeszcze tylko bardzo tez przez przy byl byla bylo sa jestem macie mozna moze
		dostepny wysylka dzisiaj dzis jutro wczoraj teraz tydzien miesiac dwa trzy cztery piec
		szesc dziesiec poniedzialek wtorek sroda czwartek piatek sobota niedziela mozecie mnie mi
		nas`,
	id: `halo hai selamat pagi siang sore malam terima kasih makasih tolong mohon di mana dimana
		pesanan saya aku mau ingin butuh bantuan dengan yang dan tidak nggak gak ga enggak ya
		untuk tagihan harga berapa kapan bagaimana gimana bisa ada apa kabar sudah udah belum ini
		itu kak kakak mas mbak pak min gan dong nih sih deh aja banget barang salah permisi uang
		kembali ongkir resi toko nomor kirim dikirim ukuran gratis kalau sama dari ke lagi kenapa
		hari besok kemarin sekarang nanti minggu bulan dua tiga empat lima enam sepuluh senin
		selasa rabu kamis jumat sabtu kami kita kamu`,
	ms: `hai selamat pagi petang malam terima kasih tolong di mana pesanan saya awak kami nak mahu
		ingin bantuan dengan yang dan tidak tak takde tiada ya untuk bil harga berapa bila macam
		bagaimana boleh ada apa khabar sudah dah belum ini ni itu tu bayaran balik encik puan cik
		tuan wang duit kembali kedai nombor telefon emel saiz percuma hantar dihantar penghantaran
		tempahan esok pukul ringgit syarikat diskaun kalau sama dari ke lagi kenapa sangat je hari
		semalam sekarang nanti minggu bulan dua tiga empat lima enam sepuluh isnin selasa rabu
		khamis jumaat sabtu ahad kita kamu`,
	vi: `xin chao cam on don hang cua toi o dau muon hoan tien can giup la khong co va gia bao
		nhieu khi nao shop oi a em anh chi minh cho hoi alo duoc voi hoa la va cac nhung mot nay
		thi ma roi van chua khong hang con bi ra vao den se da nhe hom mai bay gio tuan thang hai
		ba bon nam sau muoi thu bay chu nhat ban nua qua`,
	tl: `kumusta kamusta salamat po opo magandang umaga hapon gabi nasaan ang ng sa ko mo ako gusto kailangan
		tulong hindi oo magkano kailan paano ba na pa mga at naman yung`,
	ro: `buna ziua dimineata seara salut multumesc mersi va rog unde este comanda mea vreau doresc ajutor cu
		o un si nu da pentru factura pret cat costa cand cum pot am banii inapoi de la`,
	cs: `dobry den ahoj cau dekuji diky prosim kde je moje objednavka chci potrebuji pomoc s a ne ano
		faktura cena kolik stoji kdy jak mohu mam vratit penize se na`,
	sv: `hej tjena god morgon kvall tack snalla var ar min mitt bestallning jag vill skulle behover hjalp med
		och inte ja nej for faktura pris vad hur mycket kostar nar kan har ni en ett det pengarna tillbaka`,
	da: `hej goddag god morgen aften tak venligst hvor er min mit ordre bestilling jeg vil gerne have brug
		hjaelp med og ikke ja nej for faktura pris hvad hvornar kan har i en et det penge tilbage mine koster`,
	no: `hei god morgen kveld takk vennligst hvor er min mitt ordre bestilling jeg vil gjerne ha trenger
		hjelp med og ikke ja nei for faktura pris hva nar kan har dere en et det pengene tilbake koster`,
	fi: `hei moi terve huomenta paivaa iltaa kiitos missa on tilaukseni tilaus haluan haluaisin tarvitsen
		apua ja ei joo kylla lasku hinta paljonko maksaa milloin miten voin minun se`,
	hu: `szia sziasztok jo napot reggelt estet kivanok koszonom koszi kerem hol van a az rendelesem
		szeretnek kerek segitseg es nem igen szamla ara mennyi mennyibe kerul mikor hogyan egy vissza penzt`,
	ar: `marhaba salam assalamu alaikum aleikum ahlan shukran ezayak feen msh keda el talab samaht
		ayez awez sabah kheir khair inshallah yalla`,
	sw: `habari hujambo jambo asante sana tafadhali yangu wapi iko nataka nahitaji msaada na ya kwa hapana
		ndiyo bei gani lini mambo oda agizo langu`,
};

const CYRILLIC: Record<string, string> = {
	ru: `привет здравствуйте здравствуй добрый день вечер доброе утро спасибо пожалуйста где мой моя мои
		заказ я хочу нужна нужен помощь помогите с и не да нет для счет цена сколько стоит когда как можно
		есть у меня вас что это деньги вернуть в на почему еще мне алло не могу по к так тоже был была`,
	uk: `привіт вітаю добрий день вечір доброго дня ранку дякую будь ласка де мій моя моє замовлення я хочу
		потрібна допомога допоможіть з і та не так ні для рахунок ціна скільки коштує коли як можна є у мене
		вас що це гроші повернути в на чому ще мені алло не можу по до теж був була`,
	bg: `здравейте здравей добър ден вечер добро утро благодаря мерси моля къде е моята моят поръчка поръчката
		искам нужна помощ помогнете с и не да за фактура цена колко струва кога как може ми имам какво това
		парите обратно на в си не са по до`,
	sr: `здраво добар дан вече хвала молим где је моја мој поруџбина желим треба ми помоћ са и не да за рачун
		цена колико кошта када како могу имам шта то новац назад на у не`,
	mk: `здраво добар ден благодарам ве молам каде е мојата мојот нарачка сакам ми треба помош со и не да за
		сметка цена колку чини кога како можам имам што не`,
	be: `прывітанне добры дзень вечар дзякуй калі ласка дзе мой мая заказ я хачу патрэбна дапамога і не магу у на так для
		рахунак цана колькі каштуе як`,
	kk: `салем саламатсыз ба рахмет кайда менин тапсырысым керек комек бага канша жане жок ия`,
};

/** Letters as each language's keyboard writes them: ی and ک are Persian and Urdu, ي and ك Arabic. */
const ARABIC: Record<string, string> = {
	ar: `مرحبا اهلا أهلا السلام سلام عليكم شكرا صباح مساء الخير كم في على هل انا أنا من فضلك لو سمحت
		سمحتم اريد أريد عايز عاوز ابغى ابي بدي وين فين اين أين كيف ليش لماذا متى ايش شو ايه نعم لا طلبي
		مشكلة مشكله عندي الو هلا يا السعر الفاتورة مع هذا هذه ما لم ده دي مش بكام لسه امتى عشان كده
		شنو للحين مو شو هاد هلق لسا كتير اللي يلي واش شحال ديالي ديال متاع بزاف دابا بغيت راني وقتاش`,
	fa: `سلام درود ممنون ممنونم مرسی متشکرم سپاس خوبید خسته نباشید لطفا من را که این برای است نیست هست
		می خواهم میخواهم میخوام چطور چند چنده قیمت قیمتش کجا کجاست کی چرا بله نه با از به در شما سفارش
		سفارشم هنوز پول پولم فاکتور وقت بخیر روز کمک نرسیده آیا`,
	ur: `سلام السلام علیکم آپ میں میرا میری مجھے ہے ہیں کیا کہاں کب کیسے کا کی کے کو سے نے نہیں جی ہاں شکریہ
		مہربانی براہ کرم آرڈر رقم واپس چاہیے قیمت کتنی کتنے بھائی جناب مدد حال یہ وہ اور پر ابھی تک`,
	ckb: `سڵاو سوپاس تکایە چۆنی کوا کوێ من بۆ لە و ئەم داواکارییەکەم دەوێت پارە نرخ چەندە باشە`,
	ps: `سلام مننه مهرباني چېرته زما زه غواړم مرسته دی ده څه څنګه ولې څومره هو نه`,
};

const DEVANAGARI: Record<string, string> = {
	hi: `नमस्ते नमस्कार धन्यवाद शुक्रिया कृपया कहाँ कहां है हैं मेरा मेरी मेरे मुझे चाहिए क्या कब कैसे कितना कितने का की के
		को से में नहीं हाँ जी आप मदद पैसे वापस और पर`,
	mr: `नमस्कार कुठे आहे आहेत माझा माझी माझे मला हवे हवा हवी काय कधी कसे किती चा ची चे नाही हो तुम्ही मदत
		पैसे परत आणि पण`,
	ne: `छ छन् मेरो मलाई चाहिन्छ के कहिले कसरी कति को मा छैन हो हजुर तपाईं सहयोग पैसा
		फिर्ता र पनि`,
};

function read(lists: Record<string, string>): Map<string, Set<string>> {
	return new Map(
		Object.entries(lists).map(([language, words]) => [language, new Set(words.split(/\s+/u))]),
	);
}

/** Word lists by script; only languages that share their script with others need one. */
export const WORDS = {
	Latin: read(LATIN),
	Cyrillic: read(CYRILLIC),
	Arabic: read(ARABIC),
	Devanagari: read(DEVANAGARI),
};
