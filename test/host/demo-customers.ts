import type { WhatsAppContact } from './whatsapp';

/** A customer of the demonstration with what they write, one entry per message. */
export interface DemoCustomer {
	contact: WhatsAppContact;
	messages: string[];
	/** WhatsApp repeats a call whose answer it missed: how often the first one comes again. */
	repeats?: number;
	/** The first two messages come in one call. */
	together?: boolean;
}

/** Twelve customers; their phone numbers are not in use. */
export const CUSTOMERS: DemoCustomer[] = [
	{
		contact: { waId: '966500000001', name: 'سارة العتيبي' },
		messages: ['السلام عليكم', 'أبغى أعرف سعر الباقة السنوية للشركات', 'ونحتاج فاتورة ضريبية'],
		repeats: 2,
	},
	{
		contact: { waId: '12025550101', name: 'Daniel Brooks' },
		messages: ['Hi, my order 48213 has not arrived yet', 'It was due on Monday', 'Any update?'],
	},
	{
		contact: { waId: '201000000002', name: 'أحمد منصور' },
		messages: ['مرحبا، التطبيق لا يفتح منذ التحديث', 'يظهر لي خطأ 502'],
		together: true,
	},
	{
		contact: { waId: '447700900103', name: 'Priya Shah' },
		messages: ['Hello! I would like a quote for 40 seats', 'We are moving over from another tool'],
		repeats: 1,
	},
	{
		contact: { waId: '971500000004', name: 'خالد الشامسي' },
		messages: ['أريد استرجاع المبلغ، تم الخصم مرتين', 'رقم الفاتورة 7731'],
	},
	{
		contact: { waId: '12025550105', name: 'Maria Lopez' },
		messages: [
			'I was charged twice for my invoice',
			'Invoice INV-2291',
			'Please refund one of them',
		],
	},
	{
		contact: { waId: '966500000006', name: 'نورة القحطاني' },
		messages: ['متى يوصل طلبي؟'],
		repeats: 1,
	},
	{
		contact: { waId: '447700900107', name: 'Tom Whitfield' },
		messages: ['The app crashes when I open settings', 'Version 4.2 on Android 15'],
	},
	{
		contact: { waId: '962790000008', name: 'ليلى حداد' },
		messages: ['أهلا، هل عندكم عرض للجمعيات الخيرية؟', 'نحن حوالي 25 مستخدم'],
	},
	{
		contact: { waId: '12025550109', name: 'Grace Kim' },
		messages: ['Can I speak to someone about a partnership?'],
	},
	{
		contact: { waId: '971500000010', name: 'Omar Haddad' },
		messages: ['Need help please', 'لا أستطيع تسجيل الدخول إلى حسابي', 'It says wrong password'],
		together: true,
	},
	{
		contact: { waId: '447700900111', name: 'Hannah Reed' },
		messages: ['Do you deliver to Ireland?', 'And how much is it?'],
	},
];
