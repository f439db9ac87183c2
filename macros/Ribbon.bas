Option Explicit
' The callbacks that ribbon.xml names. ASCII only: what people read stands in ribbon.xml and on the sheet ui.

Private drawn As Object

Public Sub SE_Loaded(face As Object)
    Set drawn = face
End Sub

Public Sub SE_New(control As Object)
    SE_Run "new", control.Tag
End Sub

Public Sub SE_Fill(control As Object)
    SE_Run "fill", ""
End Sub

Public Sub SE_Check(control As Object)
    SE_Run "check", ""
End Sub

Public Sub SE_Report(control As Object)
    SE_Run "report", ""
End Sub

Public Sub SE_Send(control As Object)
    SE_Run "send", ""
End Sub

Public Sub SE_Calculate(control As Object)
    SE_Renew
End Sub

Public Sub SE_Next(control As Object)
    SE_Jump
End Sub

Public Sub SE_Clear(control As Object)
    SE_Unmark
End Sub

Public Sub SE_Help(control As Object)
    HostSay SE_Text("help") & SE_Text("command"), False
End Sub

Public Sub SE_Label(control As Object, ByRef label As Variant)
    label = SE_Known(control.Tag)
End Sub

Public Sub SE_Redraw()
    If Not drawn Is Nothing Then drawn.Invalidate
End Sub
