import type { QuestionKind } from './contracts';

type Sentences = Record<QuestionKind, string>;

/** What a contact reads after an answer that does not fit, where the operator wrote nothing else. */
const SENTENCES: Record<string, Sentences> = {
	ar: {
		text: 'من فضلك اكتب إجابتك في رسالة نصية.',
		choice: 'من فضلك اختر أحد الخيارات.',
		number: 'من فضلك أرسل رقمًا فقط.',
		date: 'من فضلك أرسل تاريخًا صحيحًا باليوم والشهر والسنة.',
		email: 'من فضلك أرسل عنوان بريد إلكتروني صحيحًا.',
		phone: 'من فضلك أرسل رقم هاتف صحيحًا مع رمز الدولة.',
		rating: 'من فضلك أرسل تقييمك برقم.',
		location: 'من فضلك شارك موقعك.',
	},
	de: {
		text: 'Bitte antworten Sie mit einer Textnachricht.',
		choice: 'Bitte wählen Sie eine der Möglichkeiten.',
		number: 'Bitte senden Sie nur eine Zahl.',
		date: 'Bitte senden Sie ein gültiges Datum mit Tag, Monat und Jahr.',
		email: 'Bitte senden Sie eine gültige E-Mail-Adresse.',
		phone: 'Bitte senden Sie eine gültige Telefonnummer mit Ländervorwahl.',
		rating: 'Bitte senden Sie Ihre Bewertung als Zahl.',
		location: 'Bitte teilen Sie Ihren Standort.',
	},
	en: {
		text: 'Please write your answer as a text message.',
		choice: 'Please choose one of the options.',
		number: 'Please send just a number.',
		date: 'Please send a valid date with day, month and year.',
		email: 'Please send a valid email address.',
		phone: 'Please send a valid phone number with its country code.',
		rating: 'Please send your rating as a number.',
		location: 'Please share your location.',
	},
	es: {
		text: 'Por favor, escriba su respuesta en un mensaje de texto.',
		choice: 'Por favor, elija una de las opciones.',
		number: 'Por favor, envíe solo un número.',
		date: 'Por favor, envíe una fecha válida con día, mes y año.',
		email: 'Por favor, envíe un correo electrónico válido.',
		phone: 'Por favor, envíe un número de teléfono válido con el código del país.',
		rating: 'Por favor, envíe su valoración con un número.',
		location: 'Por favor, comparta su ubicación.',
	},
	fa: {
		text: 'لطفاً پاسخ خود را به صورت متن بنویسید.',
		choice: 'لطفاً یکی از گزینه‌ها را انتخاب کنید.',
		number: 'لطفاً فقط یک عدد بفرستید.',
		date: 'لطفاً یک تاریخ میلادی درست با روز، ماه و سال بفرستید.',
		email: 'لطفاً یک نشانی ایمیل درست بفرستید.',
		phone: 'لطفاً یک شماره تلفن درست همراه با کد کشور بفرستید.',
		rating: 'لطفاً امتیاز خود را با عدد بفرستید.',
		location: 'لطفاً موقعیت مکانی خود را بفرستید.',
	},
	fr: {
		text: 'Veuillez écrire votre réponse dans un message.',
		choice: "Veuillez choisir l'une des options.",
		number: 'Veuillez envoyer uniquement un nombre.',
		date: 'Veuillez envoyer une date valide avec le jour, le mois et l’année.',
		email: 'Veuillez envoyer une adresse e-mail valide.',
		phone: 'Veuillez envoyer un numéro de téléphone valide avec l’indicatif du pays.',
		rating: 'Veuillez envoyer votre note sous forme de nombre.',
		location: 'Veuillez partager votre position.',
	},
	he: {
		text: 'נא לכתוב את התשובה בהודעת טקסט.',
		choice: 'נא לבחור אחת מהאפשרויות.',
		number: 'נא לשלוח מספר בלבד.',
		date: 'נא לשלוח תאריך תקין עם יום, חודש ושנה.',
		email: 'נא לשלוח כתובת אימייל תקינה.',
		phone: 'נא לשלוח מספר טלפון תקין עם קידומת המדינה.',
		rating: 'נא לשלוח את הדירוג כמספר.',
		location: 'נא לשתף את המיקום.',
	},
	hi: {
		text: 'कृपया अपना उत्तर लिखकर भेजें।',
		choice: 'कृपया दिए गए विकल्पों में से एक चुनें।',
		number: 'कृपया केवल एक संख्या भेजें।',
		date: 'कृपया दिन, महीने और वर्ष के साथ सही तारीख भेजें।',
		email: 'कृपया एक सही ईमेल पता भेजें।',
		phone: 'कृपया देश के कोड के साथ सही फ़ोन नंबर भेजें।',
		rating: 'कृपया अपनी रेटिंग संख्या में भेजें।',
		location: 'कृपया अपना स्थान साझा करें।',
	},
	id: {
		text: 'Mohon tulis jawaban Anda dalam pesan teks.',
		choice: 'Mohon pilih salah satu pilihan.',
		number: 'Mohon kirim angka saja.',
		date: 'Mohon kirim tanggal yang benar dengan hari, bulan, dan tahun.',
		email: 'Mohon kirim alamat email yang benar.',
		phone: 'Mohon kirim nomor telepon yang benar beserta kode negara.',
		rating: 'Mohon kirim penilaian Anda dalam angka.',
		location: 'Mohon bagikan lokasi Anda.',
	},
	ja: {
		text: '回答を文字で入力してください。',
		choice: '選択肢の中から一つお選びください。',
		number: '数字のみを送信してください。',
		date: '正しい日付を年月日で送信してください。',
		email: '正しいメールアドレスを送信してください。',
		phone: '国番号付きの正しい電話番号を送信してください。',
		rating: '評価を数字で送信してください。',
		location: '位置情報を共有してください。',
	},
	pt: {
		text: 'Por favor, escreva a sua resposta em uma mensagem de texto.',
		choice: 'Por favor, escolha uma das opções.',
		number: 'Por favor, envie apenas um número.',
		date: 'Por favor, envie uma data válida com dia, mês e ano.',
		email: 'Por favor, envie um endereço de e-mail válido.',
		phone: 'Por favor, envie um número de telefone válido com o código do país.',
		rating: 'Por favor, envie a sua avaliação em número.',
		location: 'Por favor, compartilhe a sua localização.',
	},
	ru: {
		text: 'Пожалуйста, напишите ответ текстом.',
		choice: 'Пожалуйста, выберите один из вариантов.',
		number: 'Пожалуйста, отправьте только число.',
		date: 'Пожалуйста, отправьте правильную дату: день, месяц и год.',
		email: 'Пожалуйста, отправьте правильный адрес электронной почты.',
		phone: 'Пожалуйста, отправьте правильный номер телефона с кодом страны.',
		rating: 'Пожалуйста, отправьте оценку числом.',
		location: 'Пожалуйста, поделитесь своим местоположением.',
	},
	tr: {
		text: 'Lütfen yanıtınızı metin olarak yazın.',
		choice: 'Lütfen seçeneklerden birini seçin.',
		number: 'Lütfen yalnızca bir sayı gönderin.',
		date: 'Lütfen gün, ay ve yıl içeren geçerli bir tarih gönderin.',
		email: 'Lütfen geçerli bir e-posta adresi gönderin.',
		phone: 'Lütfen ülke koduyla birlikte geçerli bir telefon numarası gönderin.',
		rating: 'Lütfen puanınızı sayı olarak gönderin.',
		location: 'Lütfen konumunuzu paylaşın.',
	},
	ur: {
		text: 'براہ کرم اپنا جواب لکھ کر بھیجیں۔',
		choice: 'براہ کرم دیے گئے اختیارات میں سے ایک منتخب کریں۔',
		number: 'براہ کرم صرف ایک عدد بھیجیں۔',
		date: 'براہ کرم دن، مہینے اور سال کے ساتھ درست تاریخ بھیجیں۔',
		email: 'براہ کرم درست ای میل پتہ بھیجیں۔',
		phone: 'براہ کرم ملک کے کوڈ کے ساتھ درست فون نمبر بھیجیں۔',
		rating: 'براہ کرم اپنی ریٹنگ عدد میں بھیجیں۔',
		location: 'براہ کرم اپنا مقام شیئر کریں۔',
	},
	zh: {
		text: '请用文字回复。',
		choice: '请从选项中选择一个。',
		number: '请只发送一个数字。',
		date: '请发送正确的日期（年、月、日）。',
		email: '请发送正确的电子邮箱地址。',
		phone: '请发送带国家代码的正确电话号码。',
		rating: '请用数字发送您的评分。',
		location: '请分享您的位置。',
	},
};

/**
 * A short, polite sentence that asks for the answer again.
 *
 * @param language BCP 47; of a language that is not here, and without one, English.
 */
export function defaultRetry(kind: QuestionKind, language?: string | null): string {
	const [primary = ''] = (language ?? '').toLowerCase().split(/[-_]/);
	const known = Object.hasOwn(SENTENCES, primary) ? SENTENCES[primary] : undefined;
	return (known ?? SENTENCES.en!)[kind];
}
