Option Explicit
' What depends on the program that runs these macros: LibreOffice, in the tests.

Public Function HostBook() As Object
    Dim book As Object
    For Each book In Workbooks
        If book.Name <> ThisWorkbook.Name And Left(book.Name, 15) <> "workbook_tools_" Then Set HostBook = book
    Next
End Function

Public Function HostHere(book As Object) As Object
    Dim at As Object
    at = Document(book).CurrentSelection.RangeAddress
    Set HostHere = book.Worksheets(at.Sheet + 1).Cells(at.StartRow + 1, at.StartColumn + 1)
End Function

Public Sub HostRun(ByVal command As String, ByRef code As Long)
    Dim done As String, said As String, number As Integer
    done = HostFolder() & "/done" & CStr(CLng(Timer() * 100)) & CStr(Int(Rnd() * 1000000))
    Shell command & " " & Chr(34) & "--done=" & done & Chr(34), 0
    Do While Not HostExists(done)
        Wait 50
    Loop
    number = FreeFile
    Open done For Input As #number
    Line Input #number, said
    Close #number
    code = CLng(said)
End Sub

Public Function HostFolder() As String
    HostFolder = Environ("WT_FOLDER")
End Function

Public Function HostSeparator() As String
    HostSeparator = "/"
End Function

Public Function HostWindow() As String
    HostWindow = "0"
End Function

Public Function HostLive() As Boolean
    HostLive = (Environ("WT_BRIDGE") = "live")
End Function

Public Sub HostSaveCopy(book As Object, ByVal path As String)
    Dim filter(0) As New com.sun.star.beans.PropertyValue
    filter(0).Name = "FilterName"
    filter(0).Value = "Calc MS Excel 2007 XML"
    Document(book).storeToURL(ConvertToURL(path), filter())
End Sub

Public Sub HostShape(cell As Object)
End Sub

Public Sub HostNew(ByVal path As String)
    Workbooks.Add path
End Sub

Public Function HostExists(ByVal path As String) As Boolean
    HostExists = (Dir(path) <> "")
End Function

Public Sub HostMakeFolder(ByVal path As String)
    MkDir path
End Sub

Public Sub HostDeleteFolder(ByVal path As String)
    Dim name As String
    name = Dir(path & "/*")
    Do While name <> ""
        Kill path & "/" & name
        name = Dir()
    Loop
    RmDir path
End Sub

Public Sub HostCalculate()
    Application.Calculate
End Sub

Public Function HostWords(ByVal words As String) As String
    HostWords = words
End Function

Public Function HostTyped(cell As Object) As String
    HostTyped = cell.Formula
End Function

Public Function HostSay(ByVal words As String, ByVal choice As Boolean) As Boolean
    Dim number As Integer
    number = FreeFile
    Open HostFolder() & "/said" For Append As #number
    Print #number, words
    Close #number
End Function

Public Function HostCell(sheet As Object, ByVal at As Long) As Object
    Dim place As Object
    place = Document(HostBook()).Sheets.getByName(sheet.Name).Annotations.getByIndex(at - 1).Position
    Set HostCell = sheet.Cells(place.Row + 1, place.Column + 1)
End Function

Public Sub HostBusy(ByVal words As String)
End Sub

Public Sub HostIdle()
End Sub

Public Function HostSavesItself(book As Object) As Boolean
End Function

Public Function HostReadOnly(book As Object) As Boolean
End Function

Private Function Document(book As Object) As Object
    Dim every As Object, one As Object
    every = StarDesktop.Components.createEnumeration()
    Do While every.hasMoreElements()
        one = every.nextElement()
        If one.Title = book.Name Then Document = one
    Loop
End Function
